// The floor: the same answer from node:http with nothing round it.
import { createServer } from 'node:http';

const answer = JSON.stringify({ message: 'Hello, World!' });
const server = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length });
  response.end(answer);
});
server.listen(Number(process.argv[2]), '127.0.0.1');
