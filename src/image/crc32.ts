import { crcOf } from '../format/crc.js';

/** The CRC-32 of PNG. */
export const crc32 = crcOf(0xedb88320);
