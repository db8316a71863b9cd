import type { Json } from './document.ts'

interface Described {
  summary: string
  parameters?: { name: string; in: string; required?: boolean; schema: Json }[]
  requestBody?: { content: Record<string, { schema: Json }> }
  responses: Record<string, { description: string; content: Record<string, { schema: Json }> }>
}

/** The document as a page without script. Every string goes through `escapeHtml`. */
export function writePage(document: Json): string {
  const { title, version } = document.info as { title: string; version: string }
  const paths = Object.entries(document.paths as Record<string, Record<string, Described>>)
  const { schemas } = document.components as { schemas: Record<string, Json> }
  const operations = paths.flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => operationPart(method.toUpperCase(), path, described)),
  )
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${escapeHtml(title)} over HTTP</title>
    <link rel="icon" href="icon.svg">
    <link rel="stylesheet" href="docs.css">
  </head>
  <body>
    <main>
      <h1>${escapeHtml(title)} over HTTP</h1>
      <p>Version ${escapeHtml(version)}. For programs: <a href="openapi.json">openapi.json</a>.</p>
      ${operations.join('')}
      <h2 id="schemas">Schemas</h2>
      ${Object.entries(schemas).map(schemaPart).join('')}
    </main>
  </body>
</html>
`
}

function operationPart(method: string, path: string, { summary, parameters = [], ...rest }: Described): string {
  const { requestBody, responses } = rest
  const asked = parameters.map(
    (each) =>
      `<dt><code>${escapeHtml(each.name)}</code></dt><dd>${escapeHtml(about(each))} ${schemaText(each.schema)}</dd>`,
  )
  const body = Object.values(requestBody?.content ?? {}).map(
    ({ schema }) => `<dt>Body</dt><dd>${schemaText(schema)}</dd>`,
  )
  const answers = Object.entries(responses).map(([status, { description, content }]) => {
    const types = Object.entries(content).map(
      ([type, { schema }]) => `<code>${escapeHtml(type)}</code> ${schemaText(schema)}`,
    )
    return `<dt>${escapeHtml(status === 'default' ? 'else' : status)}</dt><dd>${escapeHtml(description)}: ${types.join(', or ')}</dd>`
  })
  return `
      <section>
        <h3><span class="method">${escapeHtml(method)}</span> <code>${escapeHtml(path)}</code></h3>
        <p>${escapeHtml(summary)}</p>
        <dl>${[...asked, ...body, ...answers].join('')}</dl>
      </section>`
}

function about({ in: place, required = false }: { in: string; required?: boolean }): string {
  return `in the ${place}${required ? ', required' : ''}:`
}

function schemaPart([name, schema]: [string, Json]): string {
  const text = escapeHtml(JSON.stringify(schema, null, 2))
  const id = escapeHtml(name)
  // The id is on the content of the details, so that a link to it opens them.
  return `
      <details><summary>${id}</summary><pre id="${id}">${text}</pre></details>`
}

function schemaText(schema: Json): string {
  const name = typeof schema.$ref === 'string' ? schema.$ref.split('/').at(-1) : undefined
  if (name !== undefined) return `<a href="#${escapeHtml(name)}">${escapeHtml(name)}</a>`
  const { type, format, enum: values } = schema as { type?: string; format?: string; enum?: string[] }
  const text = values?.join(' | ') ?? format ?? type ?? JSON.stringify(schema)
  return `<code>${escapeHtml(text)}</code>`
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}
