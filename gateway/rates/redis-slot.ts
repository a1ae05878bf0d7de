/** The slot of a key on Redis Cluster: CRC16 (XMODEM) mod 16384; our names contain no hash tag. */
const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  return crc;
});

/** For ASCII names without braces. */
export function slotOfName(name: string): number {
  let crc = 0;
  for (let at = 0; at < name.length; at += 1) {
    crc = ((crc << 8) ^ (table[((crc >> 8) ^ name.charCodeAt(at)) & 0xff] as number)) & 0xffff;
  }
  return crc % 16_384;
}
