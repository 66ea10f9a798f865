;; Falls over before anybody calls it.
(func $start unreachable)
(start $start)
