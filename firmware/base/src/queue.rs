//! A first-in first-out queue of fixed capacity, without allocation.

/// The queue holds its capacity; the value comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full<T>(pub T);

/// Up to `N` values, oldest first. When full, `push` gives the value back and the owner decides.
#[derive(Clone, Debug)]
pub struct Queue<T, const N: usize> {
    slots: [Option<T>; N],
    head: usize,
    len: usize,
}

impl<T, const N: usize> Queue<T, N> {
    /// An empty queue.
    pub const fn new() -> Self {
        Self { slots: [const { None }; N], head: 0, len: 0 }
    }

    /// The place of one that may lie past the end, by less than the capacity.
    #[inline]
    const fn wrapped(place: usize) -> usize {
        if place >= N { place - N } else { place }
    }

    /// Appends `value`.
    #[inline]
    pub fn push(&mut self, value: T) -> Result<(), Full<T>> {
        if self.len == N {
            return Err(Full(value));
        }
        self.slots[Self::wrapped(self.head + self.len)] = Some(value);
        self.len += 1;
        Ok(())
    }

    /// Takes the oldest value.
    #[inline]
    pub fn pop(&mut self) -> Option<T> {
        if self.len == 0 {
            return None;
        }
        let value = self.slots[self.head].take();
        self.head = Self::wrapped(self.head + 1);
        self.len -= 1;
        value
    }

    /// The oldest value.
    pub fn front(&self) -> Option<&T> {
        self.slots.get(self.head)?.as_ref()
    }

    /// How many values wait.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Nothing waits.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Drops all that waits.
    pub fn clear(&mut self) {
        while self.pop().is_some() {}
    }
}

impl<T, const N: usize> Default for Queue<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_gives_the_value_back() {
        let mut queue = Queue::<u8, 2>::new();
        assert_eq!(queue.push(1), Ok(()));
        assert_eq!(queue.push(2), Ok(()));
        assert_eq!(queue.push(3), Err(Full(3)));
        assert_eq!((queue.pop(), queue.len()), (Some(1), 1));
        assert_eq!(queue.push(4), Ok(()));
        assert_eq!((queue.pop(), queue.pop(), queue.pop()), (Some(2), Some(4), None));
    }
}
