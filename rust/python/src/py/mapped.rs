//! `MappingGuard`: a mapped file may be cut short by others while it is read.
//!
//! Reading past the new end of such a file raises SIGBUS, which would end the interpreter. While a
//! guard lives, the part of its mapping that has lost its file is replaced with zeros, and reading
//! goes on; the reader finds out from the file's size. A signal that is about anything else goes
//! to whoever handled it before.

use std::sync::{Mutex, PoisonError};

use pyo3::buffer::PyUntypedBuffer;
use pyo3::prelude::*;

use crate::py::chunks::byte_view;

/// Keeps a mapping readable for as long as it lives; nothing where there is no such signal.
#[pyclass(frozen, module = "rapidsse._rust")]
pub struct MappingGuard {
    /// Taken when it is given back, which must happen once.
    slot: Mutex<Option<usize>>,
}

#[pymethods]
impl MappingGuard {
    #[new]
    fn new(mapping: &Bound<'_, PyAny>) -> PyResult<Self> {
        let buffer = PyUntypedBuffer::get(&byte_view(mapping)?)?;
        let slot = signal::watch(buffer.buf_ptr() as usize, buffer.len_bytes());
        Ok(MappingGuard {
            slot: Mutex::new(slot),
        })
    }

    /// Ends the protection: the mapping is about to go.
    fn release(&self) {
        let mut slot = self.slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slot.take() {
            signal::forget(slot);
        }
    }
}

impl Drop for MappingGuard {
    fn drop(&mut self) {
        self.release();
    }
}

#[cfg(unix)]
mod signal {
    use std::ffi::{c_int, c_void};
    use std::mem::MaybeUninit;
    use std::ptr;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// A mapping that is watched; free while `len` is 0.
    struct Slot {
        start: AtomicUsize,
        len: AtomicUsize,
    }

    /// More mappings at a time are not watched.
    const SLOTS: usize = 256;
    static WATCHED: [Slot; SLOTS] = [const {
        Slot {
            start: AtomicUsize::new(0),
            len: AtomicUsize::new(0),
        }
    }; SLOTS];
    /// Marks a slot that is being filled in.
    const TAKEN: usize = usize::MAX;

    struct Installed {
        before: libc::sigaction,
        page: usize,
    }
    static INSTALLED: OnceLock<Installed> = OnceLock::new();

    pub fn watch(start: usize, len: usize) -> Option<usize> {
        if len == 0 || len == TAKEN {
            return None;
        }
        install();
        let slot = WATCHED.iter().position(|slot| {
            let taken = slot
                .start
                .compare_exchange(0, TAKEN, Ordering::Acquire, Ordering::Relaxed);
            taken.is_ok()
        })?;
        // The length last: it is what makes the slot count.
        WATCHED[slot].start.store(start, Ordering::Release);
        WATCHED[slot].len.store(len, Ordering::Release);
        Some(slot)
    }

    pub fn forget(slot: usize) {
        WATCHED[slot].len.store(0, Ordering::Release);
        WATCHED[slot].start.store(0, Ordering::Release);
    }

    fn install() {
        INSTALLED.get_or_init(|| {
            let mut before = MaybeUninit::<libc::sigaction>::zeroed();
            // SAFETY: the action is fully set, its handler does what may be done in a signal
            // handler, and `before` is written by the call; zeros are a valid action without it.
            let (before, page) = unsafe {
                let mut action: libc::sigaction = MaybeUninit::zeroed().assume_init();
                action.sa_sigaction = on_bus_error as *const () as usize;
                action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
                libc::sigemptyset(&mut action.sa_mask);
                libc::sigaction(libc::SIGBUS, &action, before.as_mut_ptr());
                (before.assume_init(), libc::sysconf(libc::_SC_PAGESIZE))
            };
            Installed {
                before,
                page: usize::try_from(page).unwrap_or(4096),
            }
        });
    }

    /// Async-signal-safe: atomic loads and system calls only.
    extern "C" fn on_bus_error(_: c_int, info: *mut libc::siginfo_t, _: *mut c_void) {
        let Some(installed) = INSTALLED.get() else {
            return;
        };
        // SAFETY: the kernel passes what it knows of the signal.
        let address = unsafe { (*info).si_addr() } as usize;
        for slot in &WATCHED {
            let len = slot.len.load(Ordering::Acquire);
            let start = slot.start.load(Ordering::Acquire);
            if len > 0
                && address.wrapping_sub(start) < len
                && replace(address, start + len, installed.page)
            {
                return;
            }
        }
        // SAFETY: an action that was in force before. What raised the signal is done again.
        unsafe {
            libc::sigaction(libc::SIGBUS, &installed.before, ptr::null_mut());
        }
    }

    /// Puts zeros in the place of the pages from that of `address` on.
    fn replace(address: usize, end: usize, page: usize) -> bool {
        let first = address - address % page;
        let size = (end - first).next_multiple_of(page);
        // SAFETY: the pages belong to a mapping that is watched, which is only read, and whose
        // owner unmaps it only after the guard is released.
        let replaced = unsafe {
            libc::mmap(
                first as *mut c_void,
                size,
                libc::PROT_READ,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED,
                -1,
                0,
            )
        };
        replaced != libc::MAP_FAILED
    }
}

#[cfg(not(unix))]
mod signal {
    pub fn watch(_: usize, _: usize) -> Option<usize> {
        None
    }

    pub fn forget(_: usize) {}
}
