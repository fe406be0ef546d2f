//! Finds the end of a JSON value without parsing it.

/// The state of reading a JSON object or array byte by byte.
#[derive(Debug, Default)]
pub(super) struct JsonNesting {
    depth: usize,
    in_string: bool,
    escaped: bool,
    begun: bool,
}

impl JsonNesting {
    pub(super) fn read(&mut self, byte: u8) {
        if self.in_string {
            self.read_in_string(byte);
            return;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => {
                self.begun = true;
                self.depth += 1;
            }
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
    }

    fn read_in_string(&mut self, byte: u8) {
        let escaped = std::mem::take(&mut self.escaped);
        match byte {
            _ if escaped => {}
            b'\\' => self.escaped = true,
            b'"' => self.in_string = false,
            _ => {}
        }
    }

    pub(super) fn read_all(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.read(byte);
        }
    }

    /// Returns whether the value has ended.
    pub(super) fn is_complete(&self) -> bool {
        self.begun && self.depth == 0
    }
}
