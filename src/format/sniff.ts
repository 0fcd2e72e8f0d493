/** Whether bytes begin with a file's magic. */
export function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}

/** Whether bytes are a web page or XML, which servers send in place of files that they lack. */
export function isPage(bytes: Uint8Array): boolean {
  let at = startsWith(bytes, [0xef, 0xbb, 0xbf]) ? 3 : 0;
  while ([9, 10, 13, 32].includes(bytes[at]!)) at++;
  return bytes[at] === 0x3c;
}

/** For the end of a message about a file that is not what it should be. */
export function pageHint(bytes: Uint8Array): string {
  return isPage(bytes)
    ? ': it is a web page, as servers send for files that they lack; check its address'
    : '';
}
