# Does what the event says: the same in every runtime's program.

require 'net/http'

puts 'loading'

def handler(event:, context:)
  __send__("do_#{event['do']}", event, context)
end

def do_echo(event, _context)
  event
end

def do_fail(_event, _context)
  raise RangeError, 'this went wrong'
end

def do_loop(_event, _context)
  puts 'about to loop'
  loop {}
end

def do_exit(_event, _context)
  puts 'about to exit'
  exit!(3)
end

def do_remember(_event, _context)
  kept = []
  loop { kept << '1' * 10_000_000 }
end

def do_print(_event, _context)
  puts 'one'
  system('echo', 'two')
  print 'three'
  nil
end

def do_bad(_event, _context)
  "\xff"
end

def do_enlarge(event, _context)
  'x' * event['bytes']
end

def do_context(_event, context)
  {
    requestId: context.aws_request_id,
    arn: context.invoked_function_arn,
    name: context.function_name,
    version: context.function_version,
    memory: context.memory_limit_in_mb,
    logGroup: context.log_group_name,
    logStream: context.log_stream_name,
    remains: context.get_remaining_time_in_millis,
    traceId: ENV['_X_AMZN_TRACE_ID'],
    clientContext: context.client_context && context.client_context['custom'],
    folder: Dir.pwd,
    variables: ENV.keys,
    greeting: ENV['GREETING']
  }
end

def do_connect(_event, _context)
  Net::HTTP.get(URI('http://127.0.0.1:4566/hello'))
end
