//! Memory in large pages.

/// Asks the system to hold `room`, before anything is written to it, in large pages: each takes the place of hundreds,
/// and of the interruptions in which they would be handed out. Does nothing where the system cannot be asked or `room`
/// is small.
pub fn large_pages<T>(room: &[T]) {
    #[cfg(target_os = "linux")]
    {
        /// What the smallest pages are multiples of, on machines whose pages are larger than 4 KiB.
        const PAGE: usize = 1 << 16;
        let start = room.as_ptr().addr().next_multiple_of(PAGE);
        let end = (room.as_ptr().addr() + size_of_val(room)) / PAGE * PAGE;
        if start < end {
            let start = room.as_ptr().with_addr(start).cast_mut().cast();
            // SAFETY: the range lies within `room`, and the advice changes no byte of it. It may be refused, which is as good.
            unsafe { libc::madvise(start, end - start.addr(), libc::MADV_HUGEPAGE) };
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = room;
}
