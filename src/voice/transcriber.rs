//! The thread that owns the transcriber: the model is loaded once, in the background; requests queue up behind it.

use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;

use super::decode::AudioFile;
use super::joined::JoinedTranscript;
use super::segmenter::{Phrase, PhraseLimits, Segmenter, phrases};
use super::{
    SAMPLE_RATE, SpeechLanguage, Transcriber, Transcript, TranscriptionRequest, VoiceError, align,
};

type Job = Box<dyn FnOnce(Result<&mut dyn Transcriber, VoiceError>) + Send>;

/// A transcriber on its own thread, loading its model in the background. The thread ends with the last handle.
#[derive(Clone)]
pub struct TranscriberHandle {
    jobs: mpsc::Sender<Job>,
}

/// The words of an audio file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileTranscript {
    /// Length of the sound.
    pub seconds: f64,
    /// What is said in it.
    pub transcript: Transcript,
}

impl TranscriberHandle {
    /// Loads with `load` on the owner thread; calls `ready` once with the outcome. After a failure every request is
    /// answered with it.
    pub fn spawn(
        load: impl FnOnce() -> Result<Box<dyn Transcriber>, VoiceError> + Send + 'static,
        ready: impl FnOnce(Result<(), VoiceError>) + Send + 'static,
    ) -> Self {
        let (jobs, queue) = mpsc::channel::<Job>();
        let work = move || {
            let mut transcriber = load();
            ready(transcriber.as_ref().map(|_| ()).map_err(Clone::clone));
            while let Ok(job) = queue.recv() {
                job(transcriber
                    .as_mut()
                    .map(|boxed| &mut **boxed as &mut dyn Transcriber)
                    .map_err(|error| error.clone()));
            }
        };
        // A thread that cannot be started drops the queue, and requests are answered with `gone`.
        if let Err(error) = thread::Builder::new()
            .name("transcriber".into())
            .spawn(work)
        {
            tracing::error!(%error, "cannot start the transcriber");
        }
        Self { jobs }
    }

    /// Queues one phrase; `then` gets its words on the owner thread, times counted from the phrase's first sample.
    pub fn transcribe_phrase(
        &self,
        phrase: Phrase,
        request: TranscriptionRequest,
        then: impl FnOnce(Result<Transcript, VoiceError>) + Send + 'static,
    ) {
        self.queue(
            move |transcriber| transcribe_phrase(transcriber, &phrase, &request),
            then,
        );
    }

    /// Queues a short recording (mono, [`SAMPLE_RATE`]); `then` gets the words of what is spoken in it.
    pub fn transcribe_recording(
        &self,
        samples: Vec<f32>,
        language: SpeechLanguage,
        then: impl FnOnce(Result<Transcript, VoiceError>) + Send + 'static,
    ) {
        self.queue(
            move |transcriber| whole_recording(transcriber, &samples, language),
            then,
        );
    }

    /// Queues a whole audio file, read phrase by phrase: memory stays bounded however long it is.
    pub fn transcribe_file(
        &self,
        path: PathBuf,
        language: SpeechLanguage,
        then: impl FnOnce(Result<FileTranscript, VoiceError>) + Send + 'static,
    ) {
        self.queue(
            move |transcriber| whole_file(transcriber, &path, language),
            then,
        );
    }

    fn queue<T: 'static>(
        &self,
        work: impl FnOnce(&mut dyn Transcriber) -> Result<T, VoiceError> + Send + 'static,
        then: impl FnOnce(Result<T, VoiceError>) + Send + 'static,
    ) {
        let job: Job = Box::new(move |transcriber| then(transcriber.and_then(work)));
        if let Err(mpsc::SendError(job)) = self.jobs.send(job) {
            job(Err(VoiceError::Transcription(
                "the transcriber has stopped".into(),
            )));
        }
    }
}

/// The words of a phrase, placed where they sound.
pub fn transcribe_phrase(
    transcriber: &mut dyn Transcriber,
    phrase: &Phrase,
    request: &TranscriptionRequest,
) -> Result<Transcript, VoiceError> {
    let mut heard = transcriber.transcribe(&phrase.samples, request)?;
    if !heard.words.is_empty() {
        heard.words = align::align(&phrase.samples, heard.words);
        heard.voiced = align::voiced(&phrase.samples);
    }
    Ok(heard)
}

fn whole_recording(
    transcriber: &mut dyn Transcriber,
    samples: &[f32],
    language: SpeechLanguage,
) -> Result<Transcript, VoiceError> {
    let mut joined = JoinedTranscript::new(language);
    for phrase in phrases(samples) {
        let heard = transcribe_phrase(
            transcriber,
            &phrase,
            &TranscriptionRequest::new(joined.language()),
        )?;
        joined.push(phrase.start, heard);
    }
    Ok(joined.into_transcript())
}

fn whole_file(
    transcriber: &mut dyn Transcriber,
    path: &std::path::Path,
    language: SpeechLanguage,
) -> Result<FileTranscript, VoiceError> {
    let mut file = AudioFile::open(path, SAMPLE_RATE)?;
    let mut joined = JoinedTranscript::new(language);
    let (mut segmenter, mut block, mut found) = (
        Segmenter::new(PhraseLimits::RECORDED),
        Vec::new(),
        Vec::new(),
    );
    let mut length = 0;
    let mut more = true;
    while more {
        more = file.read(&mut block)?;
        length += block.len();
        segmenter.push(&block, &mut found);
        block.clear();
        if !more {
            segmenter.finish(&mut found);
        }
        for phrase in found.drain(..) {
            let heard = transcribe_phrase(
                transcriber,
                &phrase,
                &TranscriptionRequest::new(joined.language()),
            )?;
            joined.push(phrase.start, heard);
        }
    }
    Ok(FileTranscript {
        seconds: length as f64 / f64::from(SAMPLE_RATE),
        transcript: joined.into_transcript(),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn requests_wait_for_the_model_and_its_failure_answers_them_all() {
        let (fail, failing) = channel::<()>();
        let broken = || VoiceError::Model {
            path: "m.bin".into(),
            reason: "broken".into(),
        };
        let (ready, loaded) = channel();
        let load = move || {
            failing.recv().unwrap();
            Err(broken())
        };
        let handle = TranscriberHandle::spawn(load, move |outcome| ready.send(outcome).unwrap());
        let (then, heard) = channel();
        for _ in 0..2 {
            let then = then.clone();
            let phrase = Phrase {
                start: 0,
                samples: vec![],
            };
            handle.transcribe_phrase(phrase, TranscriptionRequest::default(), move |outcome| {
                then.send(outcome).unwrap()
            });
        }
        fail.send(()).unwrap();
        let expected = "cannot load the speech model m.bin: broken";
        assert_eq!(loaded.recv().unwrap().unwrap_err().to_string(), expected);
        assert_eq!(heard.recv().unwrap().unwrap_err().to_string(), expected);
        assert_eq!(heard.recv().unwrap().unwrap_err().to_string(), expected);
    }
}
