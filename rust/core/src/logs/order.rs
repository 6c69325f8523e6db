//! The order in which a reader of a log is called: begin, push until used up, finish, and again.

use std::error::Error;
use std::fmt;

/// Whether a body is being read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// None is.
    #[default]
    Between,
    /// One is, and its next chunk may come.
    Begun,
    /// One is, and its last chunk is not used up.
    InChunk,
    /// Its end has come, and what is left of it may be taken.
    Finished,
}

/// A call that does not come in its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfOrder(Order);

impl fmt::Display for OutOfOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Order::Between => "no body is being read: begin() one first",
            Order::Begun => "a body is being read: finish() it and advance() to its end first",
            Order::InChunk => "the last chunk is not used up: advance() until it returns False",
            Order::Finished => "the body is finished: advance() to its end and begin() another",
        })
    }
}

impl Error for OutOfOrder {}

impl Order {
    /// A body begins.
    pub fn begin(&mut self) -> Result<(), OutOfOrder> {
        match self {
            Order::Between => {
                *self = Order::Begun;
                Ok(())
            }
            _ => Err(OutOfOrder(Order::Begun)),
        }
    }

    /// A chunk comes.
    pub fn push(&mut self) -> Result<(), OutOfOrder> {
        self.go_on(Order::InChunk)
    }

    /// The body ends.
    pub fn finish(&mut self) -> Result<(), OutOfOrder> {
        self.go_on(Order::Finished)
    }

    fn go_on(&mut self, next: Order) -> Result<(), OutOfOrder> {
        match self {
            Order::Begun => {
                *self = next;
                Ok(())
            }
            other => Err(OutOfOrder(*other)),
        }
    }

    /// The chunk is used up, or what was left of the body has been taken.
    pub fn use_up(&mut self) {
        *self = match *self {
            Order::InChunk => Order::Begun,
            Order::Finished => Order::Between,
            other => other,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_after_another() {
        let mut order = Order::default();
        for _ in 0..2 {
            assert!(order.push().is_err() && order.finish().is_err());
            assert!(order.begin().is_ok() && order.begin().is_err());
            assert!(order.push().is_ok() && order.push().is_err() && order.finish().is_err());
            order.use_up();
            assert!(order.finish().is_ok() && order.push().is_err() && order.begin().is_err());
            order.use_up();
        }
    }
}
