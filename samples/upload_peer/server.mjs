// The official Node tus server over plain files, as its own documentation sets it up: `node server.mjs FOLDER` prints its port.
import { createServer } from 'node:http'
import { FileStore } from '@tus/file-store'
import { Server } from '@tus/server'

const directory = process.argv[2]
const tus = new Server({ path: '/files', relativeLocation: true, datastore: new FileStore({ directory }) })
const server = createServer((request, response) => tus.handle(request, response))
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
