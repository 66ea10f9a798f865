//! Streams and pollables. Each is a number and holds nothing: three streams there are, and nothing ever waits.

use wasmtime::Result;
use wasmtime::component::Resource;
use wasmtime_wasi_io::bindings::wasi::io::{error, poll, streams};
use wasmtime_wasi_io::poll::DynPollable;
use wasmtime_wasi_io::streams::{
    DynInputStream, DynOutputStream, Error, StreamError, StreamResult,
};

use super::console::Output;
use crate::calls::Calls;
use crate::meter::Stop;

const STDOUT: u32 = 1;
const STDERR: u32 = 2;

/// What a stream takes in one write: no more is ever needed, and `blocking-write-and-flush` takes as much.
const WRITE_BYTES: u64 = 4096;

/// A pollable: it is ready.
pub(super) fn ready() -> Resource<DynPollable> {
    Resource::new_own(0)
}

/// Standard input: it is at its end.
pub(super) fn at_its_end() -> Resource<DynInputStream> {
    Resource::new_own(0)
}

/// An output.
pub(super) fn writing_to(output: Output) -> Resource<DynOutputStream> {
    Resource::new_own(match output {
        Output::Stdout => STDOUT,
        Output::Stderr => STDERR,
    })
}

impl Calls {
    fn write_to(&mut self, stream: &Resource<DynOutputStream>, bytes: &[u8]) -> StreamResult<()> {
        self.counted()?;
        // A guest cannot make up a resource: these two are all that were handed out.
        let output = match stream.rep() {
            STDERR => Output::Stderr,
            _ => Output::Stdout,
        };
        self.wasi
            .console
            .write(output, bytes, &mut self.meter)
            .map_err(stopped)
    }

    fn write_zeroes_to(
        &mut self,
        stream: &Resource<DynOutputStream>,
        length: u64,
    ) -> StreamResult<()> {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        self.meter.fits_the_log(length).map_err(stopped)?;
        self.write_to(stream, &vec![0; length])
    }

    /// Logs what was written without an end of line.
    pub(crate) fn finish_output(&mut self) -> std::result::Result<(), Stop> {
        self.wasi.console.finish(&mut self.meter)
    }

    fn counted(&mut self) -> StreamResult<()> {
        self.meter.count_wasi_call().map_err(stopped)
    }

    fn ended<T>(&mut self) -> StreamResult<T> {
        self.counted()?;
        Err(StreamError::Closed)
    }
}

/// Ends the run, where a mere error of the stream would be told to the guest.
fn stopped(stop: Stop) -> StreamError {
    StreamError::Trap(stop.into())
}

impl error::Host for Calls {}

impl error::HostError for Calls {
    fn to_debug_string(&mut self, _: Resource<Error>) -> Result<String> {
        self.meter.count_wasi_call()?;
        Ok("an error of a stream".to_owned())
    }

    fn drop(&mut self, _: Resource<Error>) -> Result<()> {
        Ok(())
    }
}

impl poll::Host for Calls {
    async fn poll(&mut self, pollables: Vec<Resource<DynPollable>>) -> Result<Vec<u32>> {
        self.meter.count_wasi_call()?;
        Ok((0..).zip(&pollables).map(|(index, _)| index).collect())
    }
}

impl poll::HostPollable for Calls {
    async fn ready(&mut self, _: Resource<DynPollable>) -> Result<bool> {
        self.meter.count_wasi_call()?;
        Ok(true)
    }

    async fn block(&mut self, _: Resource<DynPollable>) -> Result<()> {
        Ok(self.meter.count_wasi_call()?)
    }

    fn drop(&mut self, _: Resource<DynPollable>) -> Result<()> {
        Ok(self.meter.count_wasi_call()?)
    }
}

impl streams::Host for Calls {
    fn convert_stream_error(&mut self, error: StreamError) -> Result<streams::StreamError> {
        match error {
            StreamError::Closed => Ok(streams::StreamError::Closed),
            StreamError::LastOperationFailed(error) | StreamError::Trap(error) => Err(error),
        }
    }
}

impl streams::HostInputStream for Calls {
    fn read(&mut self, _: Resource<DynInputStream>, _: u64) -> StreamResult<Vec<u8>> {
        self.ended()
    }

    async fn blocking_read(
        &mut self,
        _: Resource<DynInputStream>,
        _: u64,
    ) -> StreamResult<Vec<u8>> {
        self.ended()
    }

    fn skip(&mut self, _: Resource<DynInputStream>, _: u64) -> StreamResult<u64> {
        self.ended()
    }

    async fn blocking_skip(&mut self, _: Resource<DynInputStream>, _: u64) -> StreamResult<u64> {
        self.ended()
    }

    fn subscribe(&mut self, _: Resource<DynInputStream>) -> Result<Resource<DynPollable>> {
        self.meter.count_wasi_call()?;
        Ok(ready())
    }

    async fn drop(&mut self, _: Resource<DynInputStream>) -> Result<()> {
        Ok(self.meter.count_wasi_call()?)
    }
}

impl streams::HostOutputStream for Calls {
    fn check_write(&mut self, _: Resource<DynOutputStream>) -> StreamResult<u64> {
        self.counted()?;
        Ok(WRITE_BYTES)
    }

    fn write(&mut self, stream: Resource<DynOutputStream>, bytes: Vec<u8>) -> StreamResult<()> {
        self.write_to(&stream, &bytes)
    }

    async fn blocking_write_and_flush(
        &mut self,
        stream: Resource<DynOutputStream>,
        bytes: Vec<u8>,
    ) -> StreamResult<()> {
        self.write_to(&stream, &bytes)
    }

    fn write_zeroes(&mut self, stream: Resource<DynOutputStream>, length: u64) -> StreamResult<()> {
        self.write_zeroes_to(&stream, length)
    }

    async fn blocking_write_zeroes_and_flush(
        &mut self,
        stream: Resource<DynOutputStream>,
        length: u64,
    ) -> StreamResult<()> {
        self.write_zeroes_to(&stream, length)
    }

    fn flush(&mut self, _: Resource<DynOutputStream>) -> StreamResult<()> {
        self.counted()
    }

    async fn blocking_flush(&mut self, _: Resource<DynOutputStream>) -> StreamResult<()> {
        self.counted()
    }

    fn splice(
        &mut self,
        _: Resource<DynOutputStream>,
        _: Resource<DynInputStream>,
        _: u64,
    ) -> StreamResult<u64> {
        self.ended()
    }

    async fn blocking_splice(
        &mut self,
        _: Resource<DynOutputStream>,
        _: Resource<DynInputStream>,
        _: u64,
    ) -> StreamResult<u64> {
        self.ended()
    }

    fn subscribe(&mut self, _: Resource<DynOutputStream>) -> Result<Resource<DynPollable>> {
        self.meter.count_wasi_call()?;
        Ok(ready())
    }

    async fn drop(&mut self, _: Resource<DynOutputStream>) -> Result<()> {
        Ok(self.meter.count_wasi_call()?)
    }
}
