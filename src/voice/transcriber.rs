//! The thread that owns the transcriber. It loads the model once, in the background, and requests
//! queue up behind it.

use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;

use super::decode::AudioFile;
use super::joined::JoinedTranscript;
use super::segmenter::{Phrase, PhraseLimits, Segmenter, phrases};
use super::{
    SAMPLE_RATE, SpeechLanguage, Transcriber, Transcript, TranscriptionRequest, VoiceError, align,
};

type QueuedRequest = Box<dyn FnOnce(Result<&mut dyn Transcriber, VoiceError>) + Send>;

/// A transcriber on its own thread, which ends when the last handle is dropped.
#[derive(Clone)]
pub struct TranscriberHandle {
    jobs: mpsc::Sender<QueuedRequest>,
}

/// The transcript of an audio file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileTranscript {
    /// The length of the audio.
    pub seconds: f64,
    pub transcript: Transcript,
}

impl TranscriberHandle {
    /// Starts the owner thread, which loads the model with `load` and calls `ready` once with the
    /// outcome. After a failure every request is answered with that error.
    pub fn spawn(
        load: impl FnOnce() -> Result<Box<dyn Transcriber>, VoiceError> + Send + 'static,
        ready: impl FnOnce(Result<(), VoiceError>) + Send + 'static,
    ) -> Self {
        let (jobs, queue) = mpsc::channel::<QueuedRequest>();
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
        // A thread that cannot be started drops the queue, and `queue` then answers every request
        // with an error.
        if let Err(error) = thread::Builder::new()
            .name("transcriber".into())
            .spawn(work)
        {
            tracing::error!(%error, "cannot start the transcriber");
        }
        Self { jobs }
    }

    /// Queues one phrase. `then` receives its transcript on the owner thread; times are counted
    /// from the phrase's first sample.
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

    /// Queues a short recording (mono, [`SAMPLE_RATE`]). `then` receives its transcript on the
    /// owner thread.
    pub fn transcribe_recording(
        &self,
        samples: Vec<f32>,
        language: SpeechLanguage,
        then: impl FnOnce(Result<Transcript, VoiceError>) + Send + 'static,
    ) {
        self.queue(
            move |transcriber| transcribe_recording(transcriber, &samples, language),
            then,
        );
    }

    /// Queues a whole audio file. It is read phrase by phrase, so memory stays bounded however long
    /// it is.
    pub fn transcribe_file(
        &self,
        path: PathBuf,
        language: SpeechLanguage,
        then: impl FnOnce(Result<FileTranscript, VoiceError>) + Send + 'static,
    ) {
        self.queue(
            move |transcriber| transcribe_file(transcriber, &path, language),
            then,
        );
    }

    fn queue<T: 'static>(
        &self,
        work: impl FnOnce(&mut dyn Transcriber) -> Result<T, VoiceError> + Send + 'static,
        then: impl FnOnce(Result<T, VoiceError>) + Send + 'static,
    ) {
        let job: QueuedRequest = Box::new(move |transcriber| then(transcriber.and_then(work)));
        if let Err(mpsc::SendError(job)) = self.jobs.send(job) {
            job(Err(VoiceError::Transcription(
                "the transcriber has stopped".into(),
            )));
        }
    }
}

/// Returns the transcript of a phrase, with the times of its words and the stretches that hold a
/// voice.
pub fn transcribe_phrase(
    transcriber: &mut dyn Transcriber,
    phrase: &Phrase,
    request: &TranscriptionRequest,
) -> Result<Transcript, VoiceError> {
    let mut transcript = transcriber.transcribe(&phrase.samples, request)?;
    if !transcript.words.is_empty() {
        transcript.words = align::align(&phrase.samples, transcript.words);
        transcript.voiced = align::voiced(&phrase.samples);
    }
    Ok(transcript)
}

fn transcribe_recording(
    transcriber: &mut dyn Transcriber,
    samples: &[f32],
    language: SpeechLanguage,
) -> Result<Transcript, VoiceError> {
    let mut joined = JoinedTranscript::new(language);
    for phrase in phrases(samples) {
        add_phrase(transcriber, &phrase, &mut joined)?;
    }
    Ok(joined.into_transcript())
}

fn transcribe_file(
    transcriber: &mut dyn Transcriber,
    path: &std::path::Path,
    language: SpeechLanguage,
) -> Result<FileTranscript, VoiceError> {
    let mut file = AudioFile::open(path, SAMPLE_RATE)?;
    let mut joined = JoinedTranscript::new(language);
    let mut segmenter = Segmenter::new(PhraseLimits::RECORDED);
    let mut block = Vec::new();
    let mut found = Vec::new();
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
            add_phrase(transcriber, &phrase, &mut joined)?;
        }
    }
    Ok(FileTranscript {
        seconds: length as f64 / f64::from(SAMPLE_RATE),
        transcript: joined.into_transcript(),
    })
}

/// Transcribes one phrase in the language found so far.
fn add_phrase(
    transcriber: &mut dyn Transcriber,
    phrase: &Phrase,
    joined: &mut JoinedTranscript,
) -> Result<(), VoiceError> {
    let request = TranscriptionRequest::new(joined.language());
    let transcript = transcribe_phrase(transcriber, phrase, &request)?;
    joined.push(phrase.start, transcript);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn a_model_that_cannot_be_loaded_answers_every_waiting_request_with_its_error() {
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
        let (then, outcomes) = channel();
        for _ in 0..2 {
            let then = then.clone();
            let phrase = Phrase {
                start: 0,
                samples: vec![],
            };
            handle.transcribe_phrase(phrase, TranscriptionRequest::default(), move |outcome| {
                then.send(outcome).unwrap();
            });
        }
        fail.send(()).unwrap();
        let expected = "cannot load the speech model m.bin: broken";
        assert_eq!(loaded.recv().unwrap().unwrap_err().to_string(), expected);
        assert_eq!(outcomes.recv().unwrap().unwrap_err().to_string(), expected);
        assert_eq!(outcomes.recv().unwrap().unwrap_err().to_string(), expected);
    }
}
