//! The size of a function's zip.

use std::io::{Read, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use crate::error::BenchError;

/// A zip of one file beside the file itself: its local header, its entry in the directory, the directory's end, and
/// the name `bootstrap` twice.
const HEADERS: u64 = 30 + 46 + 22 + 2 * 9;

/// The bytes of a zip with nothing but this executable, as `bootstrap`, deflated as well as it goes.
pub fn zip_bytes(path: &Path) -> Result<u64, BenchError> {
    let mut file = std::fs::File::open(path).map_err(BenchError::file(path))?;
    let mut encoder = DeflateEncoder::new(Counter(0), Compression::best());
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut buffer).map_err(BenchError::file(path))?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        encoder.write_all(bytes).map_err(BenchError::file(path))?;
    }
    Ok(encoder.finish().map_err(BenchError::file(path))?.0 + HEADERS)
}

/// The bytes that the policy files beside it add, deflated each, with their headers.
pub fn policy_bytes(root: &Path) -> Result<u64, BenchError> {
    let directory = root.join("policy");
    let mut bytes = 0;
    for entry in std::fs::read_dir(&directory).map_err(BenchError::file(&directory))? {
        let path = entry.map_err(BenchError::file(&directory))?.path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            bytes += zip_bytes(&path)?;
        }
    }
    Ok(bytes)
}

struct Counter(u64);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zip_is_the_deflated_file_and_its_headers() {
        let directory = std::env::temp_dir().join(format!("sunset-bench-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let path = directory.join("bootstrap");
        std::fs::write(&path, vec![7; 100_000]).unwrap();
        let bytes = zip_bytes(&path).unwrap();
        std::fs::remove_dir_all(&directory).unwrap();
        assert!((HEADERS + 50..HEADERS + 500).contains(&bytes), "{bytes}");
    }
}
