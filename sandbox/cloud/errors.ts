/** How the services say no: an HTTP status, a code that programs read and a sentence that people read. */

/** A refusal. Its message names what was refused, and what to do where that is not plain. */
export class ServiceError extends Error {
  public constructor(
    public readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 422 | 429 | 500 | 503,
    public readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "ServiceError";
  }
}

/** The request itself makes no sense: a bad name, a value out of range, a missing part. */
export function invalid(code: string, message: string): ServiceError {
  return new ServiceError(400, code, message);
}

/** The caller is known but may not do this. */
export function forbidden(code: string, message: string): ServiceError {
  return new ServiceError(403, code, message);
}

/** What the request speaks of does not exist. */
export function missing(code: string, message: string): ServiceError {
  return new ServiceError(404, code, message);
}

/** What the request would make exists already, or is in use. */
export function conflict(code: string, message: string): ServiceError {
  return new ServiceError(409, code, message);
}
