//! A network as typed: a rate and a latency, such as 10Gbit/s,20us.

use std::time::Duration;

use bytesize::ByteSize;
use sweep_study::Network;

/// Reads `10Gbit/s,20us`; a rate in bytes is `1.25GB/s`.
///
/// # Errors
/// The text is not a rate and a latency.
pub fn read(text: &str) -> Result<Network, String> {
    let wanted = "write a rate and a latency, such as 10Gbit/s,20us or 1.25GB/s,1ms";
    let (rate, latency) = text.split_once(',').ok_or(wanted)?;
    let amount =
        rate.trim().strip_suffix("/s").ok_or_else(|| format!("{rate} is not a valid rate: {wanted}"))?;
    let (amount, parts) = match amount.strip_suffix("bit") {
        Some(bits) => (bits, 8.0),
        None => (amount, 1.0),
    };
    let bytes: ByteSize = amount.parse().map_err(|_| format!("{rate} is not a valid rate: {wanted}"))?;
    let latency: Duration = latency
        .trim()
        .parse::<humantime::Duration>()
        .map_err(|_| format!("{latency} is not a valid latency: {wanted}"))?
        .into();
    if bytes.as_u64() == 0 {
        return Err(format!("{rate} must be above 0: {wanted}"));
    }
    Ok(Network { bytes_per_second: bytes.as_u64() as f64 / parts, latency_seconds: latency.as_secs_f64() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_in_bits_or_bytes() {
        let known = |text| read(text).map(|network| (network.bytes_per_second, network.latency_seconds));
        assert_eq!(read("10Gbit/s,20us"), Ok(Network::default()));
        assert_eq!(known("100Mbit/s, 1ms"), Ok((12.5e6, 1e-3)));
        assert_eq!(known("1.25GB/s,0s"), Ok((1.25e9, 0.0)));
        for wrong in ["10Gbit/s", "fast,20us", "10Gbit,20us", "10Gbit/s,20", "0bit/s,1ms", "-1GB/s,1ms"] {
            assert!(read(wrong).unwrap_err().contains("such as 10Gbit/s,20us"), "{wrong}");
        }
    }
}
