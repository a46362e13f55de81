// The same answer in each peer's own convention.
const answer = JSON.stringify({ message: 'Hello, World!' });

exports.lambda = async () => ({ statusCode: 200, headers: { 'content-type': 'application/json' }, body: answer });

exports.functionsFramework = (request, response) => {
  response.set('content-type', 'application/json').send(answer);
};
