/** A value that is made when it is first asked for; a failure is not kept. */
export class Lazy<T> {
  #value: Promise<T> | undefined;

  constructor(private readonly make: () => Promise<T>) {}

  get(): Promise<T> {
    if (!this.#value) {
      const value = this.make();
      this.#value = value;
      value.catch(() => {
        this.#value = undefined;
      });
    }
    return this.#value;
  }
}
