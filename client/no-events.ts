import { RequestError } from './problem.ts'

/** What is wrong with a response that may be successful but is not an event stream. */
export function readProblem({ url, headers }: Response): RequestError {
  const type = headers.get('content-type') ?? 'nothing'
  const hint = 'is src the address of a Stepcast server?'
  return new RequestError(`${url} answered with ${type}, not an event stream: ${hint}`, { status: 406 })
}
