import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startDaemon } from './daemon.ts'
import { temporaryFolder } from './folder.ts'
import { freePort } from './port.ts'
import { findNginx, findOpenssl } from './programs.ts'

export interface NginxServer {
  /** Where it proxies to. */
  target: string
  /** What its `server` block contains besides `listen` and `proxy_pass`. */
  directives?: string
  /** With a certificate of its own, and HTTP/2. */
  tls?: boolean
}

export interface Nginx<Name extends string> {
  urls: Record<Name, string>
  [Symbol.asyncDispose](): Promise<void>
}

/** The test's own nginx with some servers, each with the defaults for everything that it does not set. */
export async function startNginx<Name extends string>(servers: Record<Name, NginxServer>): Promise<Nginx<Name>> {
  await using started = new AsyncDisposableStack()
  const { path } = started.use(await temporaryFolder())
  const names = Object.keys(servers) as Name[]
  const ports = await Promise.all(names.map(freePort))
  if (names.some((name) => servers[name].tls)) await makeCertificate(path)
  const blocks = names.map((name, index) => block(servers[name], ports[index] as number, path))
  const config = join(path, 'nginx.conf')
  await writeFile(config, configuration(path, blocks))
  const task = { command: await findNginx(), args: ['-c', config, '-e', join(path, 'log')], log: join(path, 'log') }
  started.use(await startDaemon(task, ports[0] as number))
  const address = (name: Name, index: number) =>
    [name, `http${servers[name].tls ? 's' : ''}://127.0.0.1:${ports[index]}`] as const
  const resources = started.move()
  return {
    urls: Object.fromEntries(names.map(address)) as Record<Name, string>,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

function block({ target, directives = '', tls = false }: NginxServer, port: number, path: string): string {
  const secure = tls ? `ssl_certificate ${path}/certificate; ssl_certificate_key ${path}/key;` : ''
  return `server { listen 127.0.0.1:${port}${tls ? ' ssl http2' : ''}; ${secure} ${directives} location / { proxy_pass ${target}; } }`
}

/** Sets the temporary folders, since only root may enter the package's own. */
function configuration(path: string, blocks: string[]): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${path}/${name};`,
  )
  const http = ['access_log off;', ...temporary, ...blocks].join('\n')
  return `daemon off;\npid ${path}/pid;\nevents {}\nhttp {\n${http}\n}\n`
}

async function makeCertificate(path: string): Promise<void> {
  const files = ['-keyout', join(path, 'key'), '-out', join(path, 'certificate')]
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1']
  const openssl = await findOpenssl()
  await promisify(execFile)(openssl, ['req', ...kind, '-subj', '/CN=localhost', ...files])
}
