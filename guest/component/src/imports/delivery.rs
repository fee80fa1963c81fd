//! `ferry:transport/delivery`: what the bindings of a channel share.

use ferry_core::ports::{ChannelFault, Disposition};

use crate::bindings::ferry::transport::delivery;

/// Whether parcels travel as mails.
pub(crate) fn by_mail() -> bool {
    delivery::kind_of_channel() == delivery::Kind::Mail
}

pub(super) fn disposition(disposition: Disposition) -> delivery::Disposition {
    match disposition {
        Disposition::Processed => delivery::Disposition::Processed,
        Disposition::Rejected => delivery::Disposition::Rejected,
    }
}

pub(super) fn fault(fault: delivery::Fault) -> ChannelFault {
    match fault {
        delivery::Fault::RetryLater(reason) => ChannelFault::RetryLater(reason),
        delivery::Fault::Unauthenticated(reason) => ChannelFault::Unauthenticated(reason),
        delivery::Fault::Insecure(reason) => ChannelFault::Insecure(reason),
        delivery::Fault::TooLarge(bytes) => ChannelFault::TooLarge(bytes),
        delivery::Fault::NotFound => ChannelFault::NotFound,
        delivery::Fault::Denied(reason) => ChannelFault::Denied(reason),
        delivery::Fault::Full => ChannelFault::Full,
        delivery::Fault::Other(reason) => ChannelFault::Other(reason),
    }
}
