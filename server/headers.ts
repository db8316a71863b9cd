import type { Middleware } from 'koa'
import helmet from 'koa-helmet'

/**
 * Headers of every response of ours. A response is data, not a page: pages and elements set what they need themselves.
 * HSTS is left to whatever terminates TLS, since it concerns the whole host, and so is in which process a browser puts
 * it. Headers that only documents, old browsers or Flash obey are left out: ten thousand streams keep their headers in
 * memory.
 */
export function protect(): Middleware {
  return helmet({
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    strictTransportSecurity: false,
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
  })
}
