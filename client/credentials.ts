/**
 * Asked before the first request (`refused` undefined) and when an answer was 401: `refused` is then the token that was not accepted,
 * null where none was sent. null: go without one.
 */
export type GetToken = (refused?: string | null) => string | null | Promise<string | null>

/**
 * A fetch that says who asks, in a header and nowhere else. Where the answer is 401 it gets one new token, however many
 * requests want it, and asks once more.
 */
export function fetchAs(ask: typeof fetch, token: string | null, getToken: GetToken | null): typeof fetch {
  let current = token
  let renewing: Promise<void> | null = null

  async function renew(refused?: string | null) {
    current = (await getToken?.(refused)) ?? null
  }

  function renewOnce(refused?: string | null): Promise<void> {
    renewing ??= renew(refused).finally(() => {
      renewing = null
    })
    return renewing
  }

  return async (address, init) => {
    const send = () => ask(address, current === null ? init : withToken(init, current))
    if (current === null && getToken) await renewOnce()
    const sent = current
    const answer = await send()
    if (answer.status !== 401 || !getToken) return answer
    if (current === sent) await renewOnce(sent)
    return await send()
  }
}

function withToken(init: RequestInit | undefined, token: string): RequestInit {
  return { ...init, headers: { ...(init?.headers as Record<string, string>), authorization: `Bearer ${token}` } }
}
