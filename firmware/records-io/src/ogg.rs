//! Ogg pages (RFC 3533 §6), as recordings in Opus have them: every packet lies whole in one page.

/// Octets of a page's header without its table of segments.
const HEAD: usize = 27;
/// Most segments of a page.
const SEGMENTS: usize = 255;
/// The first page of its stream (RFC 3533 §6, header_type_flag).
pub(crate) const FIRST: u8 = 0x02;
/// The last one.
pub(crate) const LAST: u8 = 0x04;

/// A page as it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Page<'a> {
    pub(crate) flags: u8,
    pub(crate) granule: u64,
    pub(crate) serial: u32,
    pub(crate) sequence: u32,
    /// Its packets, one behind the other.
    pub(crate) body: &'a [u8],
    /// Octets of all of it.
    pub(crate) len: usize,
}

/// What is wrong with octets that should be a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PageFault {
    /// It ends within the page.
    #[error("the page is cut off")]
    Cut,
    /// Another format.
    #[error("no Ogg page begins here")]
    NoPage,
    /// The checksum does not fit.
    #[error("the page's checksum is wrong")]
    Checksum,
}

/// The page that begins here.
pub(crate) fn parse(octets: &[u8]) -> Result<Page<'_>, PageFault> {
    let start = octets.len().min(5);
    if octets[..start] != b"OggS\0"[..start] {
        return Err(PageFault::NoPage);
    }
    let head = octets.first_chunk::<HEAD>().ok_or(PageFault::Cut)?;
    let table = octets.get(HEAD..HEAD + usize::from(head[26])).ok_or(PageFault::Cut)?;
    let from = HEAD + table.len();
    let len = from + table.iter().map(|&segment| usize::from(segment)).sum::<usize>();
    let body = octets.get(from..len).ok_or(PageFault::Cut)?;
    let word = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let crc = [&octets[..22], &[0; 4], &octets[26..len]].iter().fold(0, |crc, part| checksum(crc, part));
    if crc != word(22) {
        return Err(PageFault::Checksum);
    }
    let granule = u64::from(word(6)) | u64::from(word(10)) << 32;
    Ok(Page { flags: head[5], granule, serial: word(14), sequence: word(18), body, len })
}

/// Makes the pages of one stream.
pub(crate) struct Stream {
    serial: u32,
    sequence: u32,
}

impl Stream {
    /// A stream whose next page has this number.
    pub(crate) const fn new(serial: u32, sequence: u32) -> Self {
        Self { serial, sequence }
    }

    /// The next page. Its packets need no more segments than a page has.
    pub(crate) fn page(&mut self, flags: u8, granule: u64, packets: &[Vec<u8>]) -> Vec<u8> {
        let mut table = Vec::with_capacity(packets.len());
        for packet in packets {
            table.extend(std::iter::repeat_n(u8::MAX, packet.len() / 255));
            // Below 255 by the remainder.
            table.push((packet.len() % 255) as u8);
        }
        debug_assert!(table.len() <= SEGMENTS, "{} segments", table.len());
        let mut page = Vec::with_capacity(HEAD + table.len() + packets.iter().map(Vec::len).sum::<usize>());
        page.extend(b"OggS\0");
        page.push(flags);
        page.extend(granule.to_le_bytes());
        page.extend(self.serial.to_le_bytes());
        page.extend(self.sequence.to_le_bytes());
        page.extend([0; 4]);
        // At most 255, as said above.
        page.push(table.len() as u8);
        page.extend(&table);
        packets.iter().for_each(|packet| page.extend(packet));
        let crc = checksum(0, &page);
        page[22..26].copy_from_slice(&crc.to_le_bytes());
        self.sequence = self.sequence.wrapping_add(1);
        page
    }
}

/// The generator polynomial 0x04C11DB7 unreflected, from 0 (RFC 3533 §6, CRC_checksum).
fn checksum(crc: u32, octets: &[u8]) -> u32 {
    octets.iter().fold(crc, |crc, &octet| (crc << 8) ^ TABLE[usize::from((crc >> 24) as u8 ^ octet)])
}

const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 256 {
        let mut crc = (at as u32) << 24;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 0x8000_0000 == 0 { crc << 1 } else { crc << 1 ^ 0x04C1_1DB7 };
            bit += 1;
        }
        table[at] = crc;
        at += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_as_it_was_written_and_by_other_peoples_code() {
        let mut stream = Stream::new(7, 0);
        let packets = [vec![1; 254], vec![2; 255], vec![3; 600], vec![]];
        let octets = stream.page(FIRST | LAST, 960, &packets);
        let page = parse(&octets).unwrap();
        assert_eq!((page.flags, page.granule, page.serial, page.sequence), (FIRST | LAST, 960, 7, 0));
        assert_eq!((page.body, page.len), (packets.concat().as_slice(), octets.len()));
        let mut reader = ogg::PacketReader::new(std::io::Cursor::new(&octets));
        for packet in packets {
            assert_eq!(reader.read_packet_expected().unwrap().data, packet);
        }
    }

    #[test]
    fn every_changed_octet_and_every_cut_is_seen() {
        let octets = Stream::new(7, 3).page(0, 960, &[vec![9; 40]]);
        for at in 0..octets.len() {
            let mut changed = octets.clone();
            changed[at] ^= 1;
            assert!(parse(&changed).is_err(), "octet {at}");
            assert_eq!(parse(&octets[..at]), Err(PageFault::Cut), "cut at {at}");
        }
    }
}
