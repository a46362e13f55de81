# frozen_string_literal: true

# Mayfly's Ruby runtime: what runs inside the sandbox, before and around the function's code.
#
#     boot (hand over the endpoint's listener) -> booted -> init (load the code) -> ready <-> invoke -> answer
#
# Standard library only, for Ruby 3.0 and later. The channel (fd 3) carries frames as
# src/sandbox/process/channel/frame.ts describes them. Names, texts and lines are those of Lambda's own runtime.

require 'socket'
require 'json'
require 'logger'
require 'stringio'

module MayflyRuntime
  CHANNEL = 3
  HEADER_BYTES = 5
  INIT, INVOKE, RECALL = 1, 2, 3
  BOOTED, READY, INIT_ERROR, RESPONSE, ERROR, FATAL, OUTPUT, GAVE_BACK = 16, 17, 18, 19, 20, 21, 22, 23
  # What BOOTED says: answers have the numbers of their events.
  NUMBERED = 1
  RECORD, STDOUT_PIECE, STDERR_PIECE = 0, 1, 2

  OUTPUT_BYTES_MAX = 256 * 1024
  ERROR_BYTES_MAX = 256 * 1024
  # Lambda's own figure.
  RESPONSE_BYTES_MAX = 6 * 1024 * 1024 + 100
  # An error's message and stack are shortened to these, so that both fit in one frame.
  MESSAGE_LENGTH_MAX = 20_000
  STACK_ENTRIES_MAX = 100
  STACK_ENTRY_LENGTH_MAX = 800

  HOST = '127.0.0.1'
  # The platform's endpoint, and the Runtime API's address, where the function's code finds the Extensions API.
  PORTS = { 'api' => 4566, 'runtime-api' => 9001 }.freeze
  BACKLOG = 511
  READ_BYTES = 64 * 1024
  TOOK_US_MAX = 0xFFFFFFFF

  OWN_FILE = __FILE__

  # An error that has a name of Lambda's own.
  class Fault < StandardError
    attr_reader :name

    def initialize(name, message)
      super(message)
      @name = name
    end
  end

  # https://docs.aws.amazon.com/lambda/latest/dg/ruby-context.html
  class LambdaContext
    attr_reader :aws_request_id, :invoked_function_arn, :log_group_name, :log_stream_name, :function_name,
                :memory_limit_in_mb, :function_version, :identity, :client_context, :deadline_ms

    def initialize(head)
      @aws_request_id = head['requestId']
      @invoked_function_arn = head['arn']
      @function_name = ENV['AWS_LAMBDA_FUNCTION_NAME']
      @function_version = ENV['AWS_LAMBDA_FUNCTION_VERSION']
      @memory_limit_in_mb = ENV['AWS_LAMBDA_FUNCTION_MEMORY_SIZE']
      @log_group_name = ENV['AWS_LAMBDA_LOG_GROUP_NAME']
      @log_stream_name = ENV['AWS_LAMBDA_LOG_STREAM_NAME']
      @client_context = head['clientContext'] && JSON.parse(head['clientContext'])
      @deadline_ms = head['deadlineMs']
    end

    def get_remaining_time_in_millis
      [0, @deadline_ms - MayflyRuntime.now_ms].max
    end
  end

  # Where Kernel#puts and loggers write: each write is one record of the log, however many lines it has.
  class Records
    def write(text)
      MayflyRuntime.send_record(text.to_s)
    end

    def close; end
  end

  # What Lambda's loggers write: as Ruby's own do, and the request's id.
  class Formatter < Logger::Formatter
    def call(severity, time, progname, message)
      stamp = time.strftime('%Y-%m-%dT%H:%M:%S.%6N')
      id = $_global_aws_request_id
      format('%s, [%s #%d] %5s %s -- %s: %s', severity[0], stamp, $$, severity, id, progname, msg2str(message))
    end
  end

  # The same where the function's logs are in JSON.
  # https://docs.aws.amazon.com/lambda/latest/dg/ruby-logging.html#ruby-logging-advanced
  class JsonFormatter < Logger::Formatter
    def call(severity, time, _progname, message)
      stamp = time.getutc.strftime('%Y-%m-%dT%H:%M:%S.%LZ')
      record = { timestamp: stamp, level: severity, message: msg2str(message), requestId: $_global_aws_request_id }
      JSON.generate(record.compact)
    rescue JSON::GeneratorError
      JSON.generate(record.merge(message: msg2str(message).inspect).compact)
    end
  end

  # Loggers of the standard streams write records; those of files are as they were.
  module LoggerToRecords
    def initialize(logdev, *rest, formatter: nil, **options)
      to_log = logdev.nil? || [$stdout, $stderr, STDOUT, STDERR].any? { |stream| stream.equal?(logdev) }
      return super(logdev, *rest, formatter: formatter, **options) unless to_log

      as_json = ENV['AWS_LAMBDA_LOG_FORMAT'] == 'JSON'
      options[:level] ||= level_of(ENV['AWS_LAMBDA_LOG_LEVEL']) if as_json
      super(MayflyRuntime::RECORDS, *rest, formatter: formatter || (as_json ? JsonFormatter : Formatter).new, **options)
    end

    private

    def level_of(name)
      name == 'TRACE' ? Logger::DEBUG : Logger.const_get(name || 'INFO')
    end
  end

  RECORDS = Records.new

  class << self
    def run
      @channel = UNIXSocket.for_fd(CHANNEL)
      @writing = Monitor.new
      hand_over_endpoint
      deliver(BOOTED, [NUMBERED].pack('C'))
      preload
      loop do
        kind, payload = receive
        case kind
        when INIT then init(JSON.parse(payload))
        when INVOKE then invoke(payload)
        # By the time it is read, everything sent before it has been answered.
        when RECALL then deliver(GAVE_BACK, [0].pack('N'))
        end
      end
    end

    def now_ms
      Process.clock_gettime(Process::CLOCK_REALTIME, :millisecond)
    end

    def send_record(text)
      send_output(RECORD, text)
    end

    def send_output(kind, text)
      bytes = text.encoding == Encoding::UTF_8 || text.encoding == Encoding::BINARY ? text.b : to_utf8(text).b
      at = 0
      while at < bytes.bytesize
        deliver(OUTPUT, [kind].pack('C'), bytes.byteslice(at, OUTPUT_BYTES_MAX))
        at += OUTPUT_BYTES_MAX
      end
      # An empty record is an empty line.
      deliver(OUTPUT, [kind].pack('C')) if kind == RECORD && bytes.empty?
    end

    private

    # The channel

    def receive
      header = @channel.read(HEADER_BYTES)
      exit!(0) if header.nil? || header.bytesize < HEADER_BYTES
      length, kind = header.unpack('NC')
      payload = length.zero? ? ''.b : @channel.read(length)
      exit!(0) if payload.nil? || payload.bytesize < length
      [kind, payload]
    end

    def deliver(kind, *parts)
      frame = [parts.sum(&:bytesize), kind].pack('NC') << parts.join.b
      @writing.synchronize { @channel.write(frame) }
    rescue Errno::EPIPE, Errno::ECONNRESET
      exit!(0)
    end

    # Boot

    # Opens the listener in our own network and gives it to the platform; nothing leads back but the channel.
    def hand_over_endpoint
      platform = UNIXSocket.for_fd(Integer(ENV.fetch('NODE_CHANNEL_FD')))
      PORTS.each do |name, port|
        listener = Socket.new(:INET, :STREAM)
        listener.setsockopt(:SOCKET, :REUSEADDR, true)
        listener.bind(Addrinfo.tcp(HOST, port))
        listener.listen(BACKLOG)
        message = "#{JSON.generate(cmd: 'NODE_HANDLE', type: 'net.Native', msg: { listen: name })}\n"
        platform.sendmsg(message, 0, nil, Socket::AncillaryData.unix_rights(listener))
        # Answered with a line, or with the end.
        loop do
          answer = platform.recv(READ_BYTES)
          break if answer.nil? || answer.empty? || answer.include?("\n")
        end
        listener.close
      end
      platform.close
    end

    # What Lambda's own runtime has loaded, too; while nothing is asked for.
    def preload
      %w[net/http openssl].each do |name|
        return if @channel.wait_readable(0)

        require name
      end
    end

    # Init

    def init(spec)
      ENV.replace(spec['variables'])
      root = ENV.fetch('LAMBDA_TASK_ROOT')
      Dir.chdir(root)
      set_paths(root)
      capture_output
      load_code(root, spec['handler'])
      deliver(READY)
    rescue Exception => e # rubocop:disable Lint/RescueException -- whatever the function's code raises
      fail_with(INIT_ERROR, e, 'Init', "Init error when loading handler #{spec['handler']}")
    end

    # https://docs.aws.amazon.com/lambda/latest/dg/ruby-package.html
    def set_paths(root)
      own = ENV.fetch('RUBYLIB', '').split(':')
      $LOAD_PATH.unshift(*[root, *own, "#{root}/lib", '/opt/ruby/lib'].uniq.select { |path| File.directory?(path) })
      return unless defined?(Gem)

      abi = RbConfig::CONFIG['ruby_version']
      ENV['GEM_PATH'] ||= "#{root}/vendor/bundle/ruby/#{abi}:/opt/ruby/gems/#{abi}"
      # Gems without native code that were bundled by a Ruby of another version work as well.
      others = Dir.glob("{#{root}/vendor/bundle/ruby,/opt/ruby/gems}/*")
      places = [*ENV['GEM_PATH'].split(':'), *others, *Gem.default_path].uniq
      Gem.paths = { 'GEM_HOME' => ENV['GEM_HOME'], 'GEM_PATH' => places.join(':') }
    end

    def load_code(root, handler)
      parts = handler.split('.')
      unless [2, 3].include?(parts.size)
        raise ArgumentError, "Invalid handler #{parts}, must be of form FILENAME.METHOD or FILENAME.CLASS.METHOD where " \
                             'FILENAME corresponds with an existing Ruby source file FILENAME.rb, CLASS is an optional ' \
                             'module/class namespace and METHOD is a callable method. If using CLASS, METHOD must be a ' \
                             'class-level method.'
      end
      file, *@handler_class, @handler_method = parts
      here = File.join(root, file)
      require(File.file?("#{here}.rb") ? here : file)
    end

    # Output

    # The standard streams themselves, since their constants are what much code writes to. Past the original $stderr
    # Ruby writes its warnings straight to the file.
    def capture_output
      $stderr = STDERR.dup
      { STDOUT => STDOUT_PIECE, STDERR => STDERR_PIECE, $stderr => STDERR_PIECE }.each do |stream, kind|
        write = lambda do |*texts|
          texts.sum do |text|
            piece = text.to_s
            MayflyRuntime.send_output(kind, piece)
            piece.bytesize
          end
        end
        stream.define_singleton_method(:write, &write)
        stream.define_singleton_method(:syswrite) { |text| write.call(text) }
        stream.define_singleton_method(:write_nonblock) { |text, **| write.call(text) }
      end
      Logger.prepend(LoggerToRecords)
      Kernel.module_eval do
        def puts(*things)
          MayflyRuntime::RECORDS.write(things.flatten.map { |thing| MayflyRuntime.__send__(:to_utf8, thing.to_s) }.join("\n"))
        end
      end
    end

    def to_utf8(text)
      text.encode('UTF-8', invalid: :replace, undef: :replace)
    end

    # Invoke

    def invoke(payload)
      # Its answer must have it.
      @number = payload.byteslice(0, 4)
      head_bytes = payload.unpack1('@4N')
      head = JSON.parse(payload.byteslice(8, head_bytes))
      head['deadlineMs'] = now_ms + head['timeoutMs'] unless head['timeoutMs'].nil?
      since = Process.clock_gettime(Process::CLOCK_MONOTONIC, :microsecond)
      $_global_aws_request_id = head['requestId']
      ENV['_X_AMZN_TRACE_ID'] = head['traceId']
      process = Process.pid
      event = payload.byteslice((8 + head_bytes)..).force_encoding('UTF-8')
      answer = call_handler(event, LambdaContext.new(head))
      leave_if_forked(process)
      took_us = [Process.clock_gettime(Process::CLOCK_MONOTONIC, :microsecond) - since, TOOK_US_MAX].min
      deliver(RESPONSE, @number, [took_us].pack('N'), answer)
    rescue NameError => e
      # One that has no name of its own is the end of it, as on Lambda: so are those that are no StandardError.
      leave_if_forked(process)
      fail_with(FATAL, e, 'Function', 'Critical exception from handler')
    rescue StandardError => e
      leave_if_forked(process)
      fail_with(ERROR, e, 'Function', 'Error raised from handler method')
    rescue Exception => e # rubocop:disable Lint/RescueException
      leave_if_forked(process)
      fail_with(FATAL, e, 'Function', 'Critical exception from handler')
    end

    def call_handler(event, context)
      arguments = { event: JSON.parse(event), context: context }
      response =
        if @handler_class.empty?
          TOPLEVEL_BINDING.receiver.__send__(@handler_method, **arguments)
        else
          Kernel.const_get(@handler_class.first).__send__(@handler_method, **arguments)
        end
      marshal(response)
    end

    def marshal(response)
      answer = response.is_a?(StringIO) || response.is_a?(IO) ? response.read : response.to_json
      answer = answer.b
      return answer if answer.bytesize <= RESPONSE_BYTES_MAX

      raise Fault.new('Function.ResponseSizeTooLarge',
                      "Response payload size exceeded maximum allowed payload size (#{RESPONSE_BYTES_MAX} bytes).")
    end

    # A copy of this process that the handler made and that came back as well: only the original answers.
    def leave_if_forked(process)
      exit!(0) if Process.pid != process
    end

    # Reports an exception, to the log and to the platform.
    def fail_with(kind, exception, classification, message)
      error = describe(exception, classification)
      send_record(message)
      send_record(JSON.pretty_generate(error))
      json = JSON.generate(error)
      json = JSON.generate(error.merge(errorMessage: error[:errorMessage][0, 1000], stackTrace: [])) if json.bytesize > ERROR_BYTES_MAX
      deliver(kind, *(kind == ERROR ? [@number] : []), json)
    end

    def describe(exception, classification)
      stack = (exception.backtrace || []).take_while { |line| !line.start_with?(OWN_FILE) }
      {
        errorMessage: to_utf8(exception.message.to_s)[0, MESSAGE_LENGTH_MAX].scrub,
        errorType: exception.is_a?(Fault) ? exception.name : "#{classification}<#{exception.class}>",
        stackTrace: stack.first(STACK_ENTRIES_MAX).map { |line| to_utf8(line)[0, STACK_ENTRY_LENGTH_MAX].scrub }
      }
    end
  end
end

LambdaContext = MayflyRuntime::LambdaContext
MayflyRuntime.run
