import { userInfo } from 'node:os'

/** The calling user, for the journal. In many containers the user is a number without a name. */
export function actor(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.()}`
  }
}
