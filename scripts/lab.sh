# Where the lab's parts are, for the scripts that start and use it.
root=${FUNDLINE_LAB_ROOT:-$PWD/run}
bin=target/release
etc=$root/etc/fundline
state=$root/run/fundline
logs=$root/var/log/fundline
lock=$root/lab.lock
ready=$root/lab.ready
control=$state/exchange.sock
fund_listen=127.0.0.1:8090
page_port=8443
# Telephone network's address, the box's address: the [[span]] of lab/fundline.toml seen from the other end.
exchange_spans=(--span 127.0.0.1:5187,127.0.0.1:5186 --span 127.0.0.1:5189,127.0.0.1:5188
    --span 127.0.0.1:5191,127.0.0.1:5190,loopstart:cn:lines=2:number=62345601)

# The page's first password, which `fundline-web` says once, on its first start.
first_password() {
    local found
    found=$(sed -n 's/.*first password[^:]*: *//p' "$logs"/fundlined.log "$logs"/fundlined.log.first 2>/dev/null | head -n 1)
    echo "${found:-the one you know / 已设置的密码}"
}
