//! Being told when devices come, go, or another becomes the default. Only PulseAudio tells: elsewhere one has to look.

#[cfg(target_os = "linux")]
pub use linux::Watch;
#[cfg(not(target_os = "linux"))]
pub use nowhere::Watch;

#[cfg(target_os = "linux")]
mod linux {
    use std::io::BufReader;
    use std::net::Shutdown;
    use std::os::unix::net::UnixStream;
    use std::thread::{self, JoinHandle};
    use std::time::Duration;

    use pulseaudio::protocol::{
        self, AuthParams, AuthReply, Command, MAX_VERSION, Prop, Props, ProtocolError,
        SetClientNameReply, SubscriptionEvent, SubscriptionEventFacility, SubscriptionEventType,
        SubscriptionMask,
    };

    use super::super::pulse::NAME;

    /// How long the server may take to answer.
    const PATIENCE: Duration = Duration::from_secs(2);

    /// A connection that is told of changes, until it is dropped. Between changes it costs nothing.
    pub struct Watch {
        socket: UnixStream,
        thread: JoinHandle<()>,
    }

    impl Watch {
        /// `changed` is called, from a thread of the watch's own, for every change, several times for some. `None` where
        /// nobody tells.
        pub fn start(changed: impl Fn() + Send + 'static) -> Option<Self> {
            let socket = UnixStream::connect(pulseaudio::socket_path_from_env()?).ok()?;
            let mut reader = BufReader::new(socket.try_clone().ok()?);
            socket.set_read_timeout(Some(PATIENCE)).ok()?;
            let version = subscribe(&mut reader).ok()?;
            socket.set_read_timeout(None).ok()?;
            let listen = move || {
                // Ends with the server, or with the watch.
                let _ = listen(&mut reader, version, &changed);
                changed();
            };
            let thread = thread::Builder::new()
                .name("sound-watch".into())
                .spawn(listen)
                .ok()?;
            Some(Self { socket, thread })
        }

        /// The server still tells.
        pub fn is_alive(&self) -> bool {
            !self.thread.is_finished()
        }
    }

    impl Drop for Watch {
        fn drop(&mut self) {
            // Ends the thread, which waits for the server.
            let _ = self.socket.shutdown(Shutdown::Both);
        }
    }

    /// Introduces the program and asks to be told; gives the version of the protocol.
    fn subscribe(socket: &mut BufReader<UnixStream>) -> Result<u16, ProtocolError> {
        let cookie = pulseaudio::cookie_path_from_env()
            .and_then(|path| std::fs::read(path).ok())
            .unwrap_or_default();
        let auth = AuthParams {
            version: MAX_VERSION,
            supports_shm: false,
            supports_memfd: false,
            cookie,
        };
        protocol::write_command_message(socket.get_mut(), 0, &Command::Auth(auth), MAX_VERSION)?;
        let (_, reply) = protocol::read_reply_message::<AuthReply>(socket, MAX_VERSION)?;
        let version = reply.version.min(MAX_VERSION);
        let mut props = Props::new();
        props.set(Prop::ApplicationName, NAME);
        protocol::write_command_message(
            socket.get_mut(),
            1,
            &Command::SetClientName(props),
            version,
        )?;
        protocol::read_reply_message::<SetClientNameReply>(socket, version)?;
        let mask = SubscriptionMask::SOURCE | SubscriptionMask::SINK | SubscriptionMask::SERVER;
        protocol::write_command_message(socket.get_mut(), 2, &Command::Subscribe(mask), version)?;
        protocol::read_ack_message(socket)?;
        Ok(version)
    }

    fn listen(
        socket: &mut BufReader<UnixStream>,
        version: u16,
        changed: &impl Fn(),
    ) -> Result<(), ProtocolError> {
        loop {
            if let (_, Command::SubscribeEvent(event)) =
                protocol::read_command_message(socket, version)?
                && matters(&event)
            {
                changed();
            }
        }
    }

    /// Not a volume, for instance.
    fn matters(event: &SubscriptionEvent) -> bool {
        event.event_facility == SubscriptionEventFacility::Server
            || event.event_type != SubscriptionEventType::Changed
    }
}

#[cfg(not(target_os = "linux"))]
mod nowhere {
    use std::convert::Infallible;

    /// Cannot exist here.
    pub struct Watch(Infallible);

    impl Watch {
        /// Nobody tells.
        pub fn start(_changed: impl Fn() + Send + 'static) -> Option<Self> {
            None
        }

        /// Never called.
        pub fn is_alive(&self) -> bool {
            match self.0 {}
        }
    }
}
