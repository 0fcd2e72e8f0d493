/** An iterator that runs `close` where it is given up before its first value, when no `finally` runs. */
export function closing<T>(
  values: AsyncGenerator<T, void, void>,
  close: () => void,
): AsyncIterator<T, void, void> {
  return {
    next: () => values.next(),
    return: () => {
      close();
      return values.return();
    },
  };
}
