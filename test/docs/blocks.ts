/** A fenced block of a Markdown file. */
export interface Block {
  /** The first word after the fence; empty for blocks that are no code. */
  readonly language: string;
  /** The words after the language, such as `browser`. */
  readonly words: ReadonlySet<string>;
  readonly code: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
}

/** @throws Error for a fence that is not closed */
export function fencedBlocks(markdown: string): Block[] {
  const blocks: Block[] = [];
  let open: { head: string; line: number; lines: string[] } | undefined;
  for (const [i, text] of markdown.split('\n').entries()) {
    if (!text.startsWith('```')) {
      open?.lines.push(text);
    } else if (!open) {
      open = { head: text.slice(3).trim(), line: i + 1, lines: [] };
    } else {
      const [language = '', ...words] = open.head.split(/\s+/);
      const code = `${open.lines.join('\n')}\n`;
      blocks.push({ language, words: new Set(words), code, line: open.line });
      open = undefined;
    }
  }
  if (open) throw new Error(`The fence in line ${open.line} is not closed`);
  return blocks;
}
