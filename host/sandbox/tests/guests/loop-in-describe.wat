;; Never gets to say what it is.
(func (export "describe") (result i32)
  (loop $again (br $again))
  unreachable)
