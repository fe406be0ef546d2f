//! The thread that owns the transcriber: the model is loaded once, in the background; requests queue up behind it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;

use super::decode::AudioFile;
use super::endpoint::{Endpoint, Phrase, phrases};
use super::{SAMPLE_RATE, SpeechLanguage, Transcriber, Transcript, VoiceError};

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
        if let Err(error) = thread::Builder::new().name("transcriber".into()).spawn(work) {
            tracing::error!(%error, "cannot start the transcriber");
        }
        Self { jobs }
    }

    /// Queues sound (mono, 16 kHz) of any length; `then` gets the words of what is spoken in it, on the owner thread.
    pub fn transcribe(
        &self,
        samples: Vec<f32>,
        language: SpeechLanguage,
        then: impl FnOnce(Result<Transcript, VoiceError>) + Send + 'static,
    ) {
        self.queue(
            move |transcriber| all_phrases(transcriber, phrases(&samples), language, &AtomicBool::new(false)),
            then,
        );
    }

    /// Queues phrases already found; what is left of them is skipped once `cancelled` is set.
    pub fn transcribe_phrases(
        &self,
        found: Vec<Phrase>,
        language: SpeechLanguage,
        cancelled: Arc<AtomicBool>,
        then: impl FnOnce(Result<Transcript, VoiceError>) + Send + 'static,
    ) {
        self.queue(move |transcriber| all_phrases(transcriber, found, language, &cancelled), then);
    }

    /// Queues a whole audio file, read phrase by phrase: memory stays bounded however long it is.
    pub fn transcribe_file(
        &self,
        path: PathBuf,
        language: SpeechLanguage,
        then: impl FnOnce(Result<FileTranscript, VoiceError>) + Send + 'static,
    ) {
        self.queue(move |transcriber| whole_file(transcriber, &path, language), then);
    }

    fn queue<T: 'static>(
        &self,
        work: impl FnOnce(&mut dyn Transcriber) -> Result<T, VoiceError> + Send + 'static,
        then: impl FnOnce(Result<T, VoiceError>) + Send + 'static,
    ) {
        let job: Job = Box::new(move |transcriber| then(transcriber.and_then(work)));
        if let Err(mpsc::SendError(job)) = self.jobs.send(job) {
            job(Err(VoiceError::Transcription("the transcriber has stopped".into())));
        }
    }
}

fn all_phrases(
    transcriber: &mut dyn Transcriber,
    found: Vec<Phrase>,
    language: SpeechLanguage,
    cancelled: &AtomicBool,
) -> Result<Transcript, VoiceError> {
    let mut answer = Growing { language, transcript: Transcript::default() };
    for phrase in found {
        if cancelled.load(Ordering::Relaxed) {
            break;
        }
        answer.add(transcriber, &phrase)?;
    }
    Ok(answer.transcript)
}

fn whole_file(
    transcriber: &mut dyn Transcriber,
    path: &std::path::Path,
    language: SpeechLanguage,
) -> Result<FileTranscript, VoiceError> {
    let mut file = AudioFile::open(path, SAMPLE_RATE)?;
    let mut answer = Growing { language, transcript: Transcript::default() };
    let (mut endpoint, mut block, mut found) = (Endpoint::default(), Vec::new(), Vec::new());
    let mut length = 0;
    let mut more = true;
    while more {
        more = file.read(&mut block)?;
        length += block.len();
        endpoint.push(&block, &mut found);
        block.clear();
        if !more {
            endpoint.finish(&mut found);
        }
        for phrase in found.drain(..) {
            answer.add(transcriber, &phrase)?;
        }
    }
    Ok(FileTranscript { seconds: length as f64 / f64::from(SAMPLE_RATE), transcript: answer.transcript })
}

/// The words so far, and the language once one was detected: an answer is in one language.
struct Growing {
    language: SpeechLanguage,
    transcript: Transcript,
}

impl Growing {
    fn add(&mut self, transcriber: &mut dyn Transcriber, phrase: &Phrase) -> Result<(), VoiceError> {
        let heard = transcriber.transcribe(&phrase.samples, self.language)?;
        let offset = phrase.start as f64 / f64::from(SAMPLE_RATE);
        if heard.text.is_empty() {
            return Ok(());
        }
        if let (SpeechLanguage::Auto, Some(language)) = (self.language, heard.language) {
            self.language = SpeechLanguage::Only(language);
        }
        let text = &mut self.transcript.text;
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&heard.text);
        self.transcript.language = heard.language;
        self.transcript.words.extend(heard.words.into_iter().map(|mut word| {
            word.start += offset;
            word.end += offset;
            word
        }));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;
    use crate::interview::{Language, Word};

    /// Hears one word in every phrase: how long it is, in tenths of a second, and in which language it was to listen.
    struct Scripted;

    impl Transcriber for Scripted {
        fn transcribe(&mut self, samples: &[f32], language: SpeechLanguage) -> Result<Transcript, VoiceError> {
            let text = format!("{language:?}");
            let words = vec![Word { text: text.clone(), start: 0.0, end: samples.len() as f64 / 16_000.0 }];
            Ok(Transcript { text, words, language: Some(Language::Korean) })
        }
    }

    fn phrase(start: usize) -> Phrase {
        Phrase { start, samples: vec![0.0; 8_000] }
    }

    fn outcome(handle: &TranscriberHandle, found: Vec<Phrase>, cancelled: bool) -> Result<Transcript, VoiceError> {
        let (then, heard) = channel();
        let cancelled = Arc::new(AtomicBool::new(cancelled));
        handle.transcribe_phrases(found, SpeechLanguage::Auto, cancelled, move |outcome| then.send(outcome).unwrap());
        heard.recv().unwrap()
    }

    #[test]
    fn phrases_are_joined_with_their_times_and_the_language_is_detected_once() {
        let handle = TranscriberHandle::spawn(|| Ok(Box::new(Scripted)), |ready| assert!(ready.is_ok()));
        let only = "Only(Korean)";
        let words =
            vec![Word { text: "Auto".into(), start: 1.0, end: 1.5 }, Word { text: only.into(), start: 2.0, end: 2.5 }];
        let expected = Transcript { text: format!("Auto {only}"), words, language: Some(Language::Korean) };
        assert_eq!(outcome(&handle, vec![phrase(16_000), phrase(32_000)], false).unwrap(), expected);
    }

    #[test]
    fn a_cancelled_request_does_no_work() {
        let handle = TranscriberHandle::spawn(|| Ok(Box::new(Scripted)), |_| ());
        assert_eq!(outcome(&handle, vec![phrase(0)], true).unwrap(), Transcript::default());
    }

    #[test]
    fn requests_wait_for_the_model_and_its_failure_answers_them_all() {
        let (fail, failing) = channel::<()>();
        let broken = || VoiceError::Model { path: "m.bin".into(), reason: "broken".into() };
        let (ready, loaded) = channel();
        let load = move || {
            failing.recv().unwrap();
            Err(broken())
        };
        let handle = TranscriberHandle::spawn(load, move |outcome| ready.send(outcome).unwrap());
        let (then, heard) = channel();
        for _ in 0..2 {
            let then = then.clone();
            handle.transcribe(vec![], SpeechLanguage::Auto, move |outcome| then.send(outcome).unwrap());
        }
        fail.send(()).unwrap();
        let expected = "cannot load the speech model m.bin: broken";
        assert_eq!(loaded.recv().unwrap().unwrap_err().to_string(), expected);
        assert_eq!(heard.recv().unwrap().unwrap_err().to_string(), expected);
        assert_eq!(heard.recv().unwrap().unwrap_err().to_string(), expected);
    }
}
