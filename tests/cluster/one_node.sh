#!/bin/bash
# A SLURM cluster of one node, this machine, all of it in one folder and under the user who calls.
#
#   one_node.sh start FOLDER   begins munged, slurmctld and slurmd; `export SLURM_CONF=FOLDER/slurm.conf`
#   one_node.sh stop FOLDER    ends them
#
# Debian: apt-get install slurm-wlm munge. Nothing outside FOLDER is written or listened to but
# two ports of this machine. It accounts nothing and confines nothing: it is for tests.
set -eu
action=$1
folder=$(realpath -m "$2")
PATH=$PATH:/usr/sbin

# Debian's own daemons may be there too: other ports than theirs.
controller_port=${CONTROLLER_PORT:-16817}
node_port=${NODE_PORT:-16818}

configure() {
    mkdir -p "$folder"/{controller,node,munge}
    # munged refuses a key or a socket in a folder that others may write to.
    chmod 755 "$folder" "$folder/munge"
    ( umask 077; head -c 128 /dev/urandom > "$folder/munge/key" )
    local host cpus memory_MB
    host=$(hostname -s)
    cpus=$(nproc)
    memory_MB=$(awk '/^MemTotal/ { print int($2 / 1024 / 2) }' /proc/meminfo)
    # cred_expire: a requeued job waits so long, 120 s by default.
    cat > "$folder/slurm.conf" <<CONF
ClusterName=onenode
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$controller_port
SlurmdPort=$node_port
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket,cred_expire=5
CryptoType=crypto/munge
StateSaveLocation=$folder/controller
SlurmdSpoolDir=$folder/node
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=pmi2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=2,sched_interval=2,batch_sched_delay=0
ReturnToService=2
KillWait=10
NodeName=$host NodeAddr=127.0.0.1 CPUs=$cpus RealMemory=$memory_MB State=UNKNOWN
PartitionName=test Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
}

begin() {
    configure
    export SLURM_CONF=$folder/slurm.conf
    munged --force --key-file="$folder/munge/key" --socket="$folder/munge/socket" \
        --pid-file="$folder/munged.pid" --log-file="$folder/munged.log" \
        --seed-file="$folder/munge/seed" --num-threads=2
    slurmctld -i
    slurmd
    for _ in $(seq 60); do
        if [ "$(sinfo --noheader --format=%t 2> /dev/null)" = idle ]; then
            sinfo
            return
        fi
        sleep 0.5
    done
    echo "the node is not idle after 30 s" >&2
    tail -n 20 "$folder"/*.log >&2
    finish
    exit 1
}

finish() {
    for daemon in slurmd slurmctld munged; do
        [ -e "$folder/$daemon.pid" ] || continue
        pid=$(cat "$folder/$daemon.pid")
        kill "$pid" 2> /dev/null || continue
        for _ in $(seq 50); do
            kill -0 "$pid" 2> /dev/null || break
            sleep 0.1
        done
        kill -KILL "$pid" 2> /dev/null || true
    done
}

case $action in
    start) begin ;;
    stop) finish ;;
    *) echo "start or stop, not $action" >&2; exit 2 ;;
esac
