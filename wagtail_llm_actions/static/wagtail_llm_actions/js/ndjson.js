/** Reads newline-delimited JSON as it arrives. */

/**
 * Yields each value of a stream of bytes; blank lines only keep the connection alive.
 *
 * @throws {SyntaxError} if a line is not JSON.
 */
export async function* readLines(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    const lines = (rest + (value ?? '')).split('\n');
    rest = done ? '' : lines.pop();
    yield* lines.filter((line) => line.trim()).map((line) => JSON.parse(line));
    if (done) return;
  }
}
