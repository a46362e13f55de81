require 'not_there'
