import { isIPv6 } from 'node:net'
import { isLoopback, unmapped } from '../host.ts'

/** Some proxies write the client's port beside its address, and then brackets around one of IPv6. */
const WITH_PORT = /^(?:\[(.+)\]|([\d.]+))(?::\d+)?$/

/** What an address counts as; null: an address of this machine, or none because the client uses a Unix socket. */
export function addressOf(ip: string): string | null {
  const [, bracketed, dotted] = WITH_PORT.exec(ip) ?? []
  const plain = unmapped(bracketed ?? dotted ?? ip)
  if (plain === '' || isLoopback(plain)) return null
  return isIPv6(plain) ? networkOf(plain) : plain
}

function networkOf(ip: string): string {
  const [head = [], tail] = ip.split('::').map((part) => part.split(':').filter(Boolean))
  const zeros = tail ? Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0') : []
  return [...head, ...zeros, ...(tail ?? [])].slice(0, 4).join(':')
}
