/**
 * Asked before the first request (`refused` undefined) and when an answer was 401: `refused` is then the token that was
 * not accepted, null where none was sent. null: go without one.
 */
export type GetToken = (refused?: string | null) => string | null | Promise<string | null>

/** A fetch that says who asks. */
export type FetchAs = typeof fetch & {
  /** The token has ended: the next request gets another one first. */
  ended?: boolean
}

/**
 * Says who asks in a header and nowhere else; what is no token is none. Where the answer is 401 it gets one new token,
 * however many requests want it, and asks once more.
 */
export function fetchAs(ask: typeof fetch, token: string | null, getToken: GetToken | null): FetchAs {
  let current = token
  let renewing: Promise<void> | null | undefined

  function renew(refused?: string | null): Promise<void> {
    renewing ??= (async () => {
      try {
        current = (await getToken?.(refused)) || null
      } finally {
        renewing = null
      }
    })()
    return renewing
  }

  const asked: FetchAs = async (address, init) => {
    // No header can hold what is no token, as a page to sign in that was fetched in its place.
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
