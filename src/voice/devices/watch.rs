//! Reports devices that come and go, and changes of the default device. Only PulseAudio reports them;
//! elsewhere the devices have to be scanned.

#[cfg(target_os = "linux")]
pub use linux::DeviceWatch;
#[cfg(not(target_os = "linux"))]
pub use unsupported::DeviceWatch;

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

    /// The longest wait for an answer of the server.
    const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

    /// A connection that receives changes until it is dropped. It costs nothing between changes.
    pub struct DeviceWatch {
        socket: UnixStream,
        thread: JoinHandle<()>,
    }

    impl DeviceWatch {
        /// Calls `changed` for every change, and several times for some, from a thread of its own.
        /// Returns `None` if changes are not reported on this machine.
        pub fn start(changed: impl Fn() + Send + 'static) -> Option<Self> {
            let socket = UnixStream::connect(pulseaudio::socket_path_from_env()?).ok()?;
            let mut reader = BufReader::new(socket.try_clone().ok()?);
            socket.set_read_timeout(Some(ANSWER_TIMEOUT)).ok()?;
            let version = subscribe(&mut reader).ok()?;
            socket.set_read_timeout(None).ok()?;
            let listen = move || {
                // Reading fails once the server ends or the watch is dropped.
                let _ = listen(&mut reader, version, &changed);
                changed();
            };
            let thread = thread::Builder::new()
                .name("sound-watch".into())
                .spawn(listen)
                .ok()?;
            Some(Self { socket, thread })
        }

        /// Returns whether the server still reports changes.
        pub fn is_alive(&self) -> bool {
            !self.thread.is_finished()
        }
    }

    impl Drop for DeviceWatch {
        fn drop(&mut self) {
            // The thread waits for the server: closing the connection ends it.
            let _ = self.socket.shutdown(Shutdown::Both);
        }
    }

    /// Introduces the program and subscribes to changes. Returns the version of the protocol.
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
                && is_device_change(&event)
            {
                changed();
            }
        }
    }

    /// Returns whether an event is a change of the devices, and not of a volume for instance.
    fn is_device_change(event: &SubscriptionEvent) -> bool {
        event.event_facility == SubscriptionEventFacility::Server
            || event.event_type != SubscriptionEventType::Changed
    }
}

#[cfg(not(target_os = "linux"))]
mod unsupported {
    use std::convert::Infallible;

    /// A watch that cannot exist on this system.
    pub struct DeviceWatch(Infallible);

    impl DeviceWatch {
        pub fn start(_changed: impl Fn() + Send + 'static) -> Option<Self> {
            None
        }

        pub fn is_alive(&self) -> bool {
            match self.0 {}
        }
    }
}
