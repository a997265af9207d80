/** What a terminal would obey instead of showing it (Unicode: control and format characters, line separators). */
const COMMANDS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A text that somebody else wrote, on one line and harmless to a terminal. */
export function printable(text: string): string {
  return text.replace(COMMANDS, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}
