import type { ChildProcess } from 'node:child_process'

/** The next wanted message of a process. Rejects if the process ends before it. */
export function hear<T>(child: ChildProcess, isWanted: (message: unknown) => message is T): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const listen = (message: unknown) => isWanted(message) && resolve(message)
  const gone = (code: number | null) => reject(new Error(`a process ended with ${code} before it answered`))
  child.on('message', listen).on('exit', gone)
  return promise.finally(() => child.off('message', listen).off('exit', gone))
}

export function hearWord(child: ChildProcess, word: string): Promise<string> {
  return hear(child, (message): message is string => message === word)
}
