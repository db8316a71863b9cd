/**
 * Returns a token, or null to send none. Called before the first request, with `refused` undefined, and after a 401:
 * `refused` is then the token that was not accepted, or null if none was sent.
 */
export type GetToken = (refused?: string | null) => string | null | Promise<string | null>

/** A fetch that sends credentials. */
export type FetchAs = typeof fetch & {
  /** The token has expired: the next request gets another one first. */
  ended?: boolean
}

/**
 * Sends the token in a header and nowhere else; a string that cannot be a token is not sent. After a 401 it gets one
 * new token, however many requests need it, and sends the request once more.
 */
export function fetchAs(ask: typeof fetch, token: string | null, getToken: GetToken | null): FetchAs {
  let current = token
  let renewing: Promise<void> | null | undefined

  function renew(refused?: string | null): Promise<void> {
    // `finally` comes later, also where `getToken` throws at once
    renewing ??= (async () => {
      current = (await getToken?.(refused)) || null
    })().finally(() => {
      renewing = null
    })
    return renewing
  }

  const asked: FetchAs = async (address, init) => {
    // A header cannot hold a string that is no token, such as a login page that was fetched in its place.
    const send = () =>
      ask(
        address,
        /^[!-~]+\s*$/.test(current ?? '')
          ? { ...init, headers: { ...(init?.headers as object), authorization: `Bearer ${current}` } }
          : init,
      )
    if (getToken && (asked.ended || !current)) await renew(current || undefined)
    asked.ended = false
    const sent = current
    const answer = await send()
    if (!getToken || answer.status !== 401) return answer
    if (current === sent) await renew(sent)
    return send()
  }
  return asked
}
