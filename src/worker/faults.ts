import { ShvqError } from '../format/errors.js';
import type { Fault } from './messages.js';

/** An error as a message, with the error that caused it. */
export function toFault(error: unknown): Fault {
  const message = error instanceof Error ? error.message : String(error);
  const cause = error instanceof Error && error.cause instanceof Error && toFault(error.cause);
  const because = cause ? { cause } : {};
  if (!(error instanceof ShvqError)) return { message, ...because };
  const { code, needed, offset, tensor, tile } = error;
  return { code, message, needed, offset, tensor, tile, ...because };
}

/** The error that a message tells of: the same class, code, text and place. */
export function fromFault(fault: Fault): Error {
  const { code, message, needed, offset, tensor, tile } = fault;
  const cause = fault.cause && fromFault(fault.cause);
  if (code === undefined) return new Error(message, { cause });
  // The text names the place already.
  return Object.assign(new ShvqError(code, message, { cause }), { needed, offset, tensor, tile });
}
