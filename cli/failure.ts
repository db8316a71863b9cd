/** An error that a person can fix: the command prints its message without a stack, and ends with `exitCode`. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly exitCode: number

  constructor(message: string, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

/** The command was called wrongly. */
export function misuse(message: string): Failure {
  return new Failure(message, 2)
}

/** The end of a message when the embedded PostgreSQL cannot be used. */
export const useYourOwn = 'Set DATABASE_URL to use a PostgreSQL of your own.'
