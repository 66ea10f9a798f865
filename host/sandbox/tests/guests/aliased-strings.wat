;; Sends the card of a person with 100,000 phones. Every phone is the same sixteen bytes: little here, much for whoever copies.
(import "tollgate:plugin/gate@1.0.0" "send" (func $send (param i32 i32)))
(memory (export "memory") 32)
(func (export "handle") (param i32) (result i32)
  (local $phone i32)
  ;; Phones: 100,000 times the address and the length of one and the same text.
  (local.set $phone (i32.const 65536))
  (loop $next
    (i32.store (local.get $phone) (i32.const 32))
    (i32.store offset=4 (local.get $phone) (i32.const 16))
    (local.set $phone (i32.add (local.get $phone) (i32.const 8)))
    (br_if $next (i32.lt_u (local.get $phone) (i32.const 865536))))
  ;; The card: a name, the phones, nothing else.
  (i32.store (i32.const 1032) (i32.const 65536))
  (i32.store (i32.const 1036) (i32.const 100000))
  ;; The call: to the contact; content of kind 7, contacts; one of them.
  (i32.store8 (i32.const 2064) (i32.const 7))
  (i32.store (i32.const 2072) (i32.const 1024))
  (i32.store (i32.const 2076) (i32.const 1))
  (call $send (i32.const 2048) (i32.const 3072))
  (i32.const 512))
