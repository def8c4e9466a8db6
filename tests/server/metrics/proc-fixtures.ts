/** Texts of /proc as real machines give them, shortened. */
export const stat = `cpu  20868 10 14178 365333 1001 0 643 5 7 0
cpu0 9520 0 6306 184724 148 0 227 5 7 0
cpu1 11348 10 7872 180609 853 0 416 0 0 0
intr 693774 0 0 0 12
ctxt 1200
`;

export const meminfo = `MemTotal:       24683620 kB
MemFree:        23841928 kB
MemAvailable:   24223188 kB
Buffers:           28856 kB
SwapCached:            0 kB
SwapTotal:       1048576 kB
SwapFree:         524288 kB
`;

export const netDev = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:  261194    1781    0    0    0     0          0         0   261194    1781    0    0    0     0       0          0
  eth0: 657549229   19864    0    0    0     0          0         0   983106    9223    0    0    0     0       0          0
 wlan0:1000 1 0 0 0 0 0 0 2000 1 0 0 0 0 0 0
virbr1: 5000000 1 0 0 0 0 0 0 6000000 1 0 0 0 0 0 0
 vnet3: 5000000 1 0 0 0 0 0 0 6000000 1 0 0 0 0 0 0
veth1a: 7000000 1 0 0 0 0 0 0 8000000 1 0 0 0 0 0 0
docker0: 7000000 1 0 0 0 0 0 0 8000000 1 0 0 0 0 0 0
eth0.10: 10 1 0 0 0 0 0 0 20 1 0 0 0 0 0 0
`;

export const diskstats = `   7       0 loop0 10 0 999 0 0 0 0 0 0 0 0
   1       0 ram0 0 0 0 0 0 0 0 0 0 0 0
 254       0 vda 5000 10 200 30 4000 20 400 50 0 60 70
 254       1 vda1 4000 10 190 30 3000 20 390 50 0 60 70
 259       0 nvme0n1 100 0 1000 0 50 0 2000 0 0 0 0
 259       1 nvme0n1p1 100 0 1000 0 50 0 2000 0 0 0 0
 253       0 dm-0 100 0 1000 0 50 0 2000 0 0 0 0
   9       0 md0 100 0 1000 0 50 0 2000 0 0 0 0
`;
