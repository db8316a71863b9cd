process.stdout.write(`began ${process.pid}\n`)
setTimeout(() => process.exit(3), 20)
