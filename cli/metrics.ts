import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { collectDefaultMetrics, Registry } from '@prometheus-io/client'
import { refuseBusy } from './ports.ts'

/** A registry with the usual metrics of a process: memory, CPU, event loop, open files. */
export function processMetrics(): Registry {
  const register = new Registry()
  collectDefaultMetrics({ register })
  return register
}

export interface ShownMetrics {
  registry: Registry
  url: string
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Serves a registry at `/metrics`, without authentication: a worker's metrics name workflows and steps, but no tenants.
 */
export async function showMetrics(host: string, port: number): Promise<ShownMetrics> {
  const registry = processMetrics()
  const server = createServer(async ({ method, url }, response) => {
    const known = method === 'GET' && url?.split('?')[0] === '/metrics'
    const text = known ? await registry.metrics() : 'Metrics are at GET /metrics.\n'
    response.writeHead(known ? 200 : 404, { 'Content-Type': known ? registry.contentType : 'text/plain' }).end(text)
  })
  server.listen(port, host)
  await once(server, 'listening').catch((error) => refuseBusy(error, port, '--metrics-port'))
  const close = async () => {
    server.close()
    server.closeAllConnections()
  }
  const name = host.includes(':') ? `[${host}]` : host
  const { port: used } = server.address() as AddressInfo
  return { registry, url: `http://${name}:${used}/metrics`, [Symbol.asyncDispose]: close }
}
