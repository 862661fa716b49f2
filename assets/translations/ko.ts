<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ko_KR" sourcelanguage="en">
<context>
    <name>app</name>
    <message>
        <source>The program's own source is under the Apache License 2.0. The window uses PyQt6, which is under the GNU General Public License 3: whoever passes on the two together does so under that licence.</source>
        <translation>이 프로그램의 소스는 Apache License 2.0을 따릅니다. 창은 GNU General Public License 3을 따르는 PyQt6를 사용하므로, 둘을 함께 배포하려면 그 라이선스를 따라야 합니다.</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>닫기</translation>
    </message>
    <message>
        <source>About Lite-HRNet Live</source>
        <translation>Lite-HRNet Live 정보</translation>
    </message>
    <message>
        <source>Versions and licences</source>
        <translation>버전과 라이선스</translation>
    </message>
    <message>
        <source>Shortcuts</source>
        <translation>단축키</translation>
    </message>
    <message>
        <source>Real-time human pose estimation with Lite-HRNet</source>
        <translation>Lite-HRNet 실시간 사람 자세 추정</translation>
    </message>
    <message>
        <source>Part</source>
        <translation>구성 요소</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>버전</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>라이선스</translation>
    </message>
    <message>
        <source>Close this message</source>
        <translation>이 메시지 닫기</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>진행률</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>자세히</translation>
    </message>
    <message>
        <source>Open video or picture…</source>
        <translation>동영상 또는 사진 열기…</translation>
    </message>
    <message>
        <source>Open folder of pictures…</source>
        <translation>사진 폴더 열기…</translation>
    </message>
    <message>
        <source>Open stream…</source>
        <translation>스트림 열기…</translation>
    </message>
    <message>
        <source>Demo clip</source>
        <translation>데모 영상</translation>
    </message>
    <message>
        <source>Save snapshot</source>
        <translation>스냅샷 저장</translation>
    </message>
    <message>
        <source>Copy picture</source>
        <translation>화면 복사</translation>
    </message>
    <message>
        <source>Record</source>
        <translation>녹화</translation>
    </message>
    <message>
        <source>Show recordings folder</source>
        <translation>녹화 폴더 열기</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>끝내기</translation>
    </message>
    <message>
        <source>Play or pause</source>
        <translation>재생/일시 정지</translation>
    </message>
    <message>
        <source>Next frame</source>
        <translation>다음 프레임</translation>
    </message>
    <message>
        <source>Frame before</source>
        <translation>이전 프레임</translation>
    </message>
    <message>
        <source>Full screen</source>
        <translation>전체 화면</translation>
    </message>
    <message>
        <source>Leave full screen, or close a message</source>
        <translation>전체 화면 나가기 또는 메시지 닫기</translation>
    </message>
    <message>
        <source>Side panel</source>
        <translation>옆 패널</translation>
    </message>
    <message>
        <source>Mirror cameras</source>
        <translation>카메라 좌우 반전</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>확대</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>축소</translation>
    </message>
    <message>
        <source>Fit to window</source>
        <translation>창에 맞춤</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>입력</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>테마</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>시스템 설정</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>밝게</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>어둡게</translation>
    </message>
    <message>
        <source>No camera found</source>
        <translation>카메라 없음</translation>
    </message>
    <message>
        <source>Skeleton</source>
        <translation>골격</translation>
    </message>
    <message>
        <source>Joints</source>
        <translation>관절</translation>
    </message>
    <message>
        <source>Boxes</source>
        <translation>상자</translation>
    </message>
    <message>
        <source>Numbers</source>
        <translation>번호</translation>
    </message>
    <message>
        <source>Scores</source>
        <translation>점수</translation>
    </message>
    <message>
        <source>Dim the picture</source>
        <translation>화면 어둡게</translation>
    </message>
    <message>
        <source>Camera {index}</source>
        <translation>카메라 {index}</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>선택…</translation>
    </message>
    <message>
        <source>Set by hand</source>
        <translation>직접 설정</translation>
    </message>
    <message>
        <source>Your videos folder</source>
        <translation>내 동영상 폴더</translation>
    </message>
    <message>
        <source>{title}: set by hand</source>
        <translation>{title}: 직접 설정</translation>
    </message>
    <message>
        <source>not measured</source>
        <translation>측정 안 됨</translation>
    </message>
    <message>
        <source>Milliseconds by stage</source>
        <translation>단계별 밀리초</translation>
    </message>
    <message>
        <source>Networks in use</source>
        <translation>사용 중인 네트워크</translation>
    </message>
    <message>
        <source>{ap} measured</source>
        <translation>{ap} (측정)</translation>
    </message>
    <message>
        <source>{ap} published</source>
        <translation>{ap} (발표)</translation>
    </message>
    <message>
        <source>Display</source>
        <translation>표시</translation>
    </message>
    <message>
        <source>Pictures drawn per second</source>
        <translation>초당 그린 화면 수</translation>
    </message>
    <message>
        <source>Inference</source>
        <translation>추론</translation>
    </message>
    <message>
        <source>Frames per second that the networks see</source>
        <translation>네트워크가 처리하는 초당 프레임 수</translation>
    </message>
    <message>
        <source>Capture</source>
        <translation>입력</translation>
    </message>
    <message>
        <source>Frames per second that the source gives</source>
        <translation>입력에서 오는 초당 프레임 수</translation>
    </message>
    <message>
        <source>Latency</source>
        <translation>지연</translation>
    </message>
    <message>
        <source>Milliseconds from a frame's arrival to its drawing</source>
        <translation>프레임이 도착해서 그려질 때까지의 밀리초</translation>
    </message>
    <message>
        <source>Dropped</source>
        <translation>건너뜀</translation>
    </message>
    <message>
        <source>Frames that a newer one replaced before the networks were free</source>
        <translation>네트워크가 바쁜 동안 더 새로운 프레임으로 대체된 프레임 수</translation>
    </message>
    <message>
        <source>People</source>
        <translation>사람</translation>
    </message>
    <message>
        <source>People in the picture</source>
        <translation>화면 속 사람 수</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>모델</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>네트워크</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>매개변수</translation>
    </message>
    <message>
        <source>Multiply-adds</source>
        <translation>곱셈-덧셈</translation>
    </message>
    <message>
        <source>Input size</source>
        <translation>입력 크기</translation>
    </message>
    <message>
        <source>COCO AP</source>
        <translation>COCO AP</translation>
    </message>
    <message>
        <source>Engine</source>
        <translation>엔진</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>장치</translation>
    </message>
    <message>
        <source>Detector</source>
        <translation>검출기</translation>
    </message>
    <message>
        <source>It runs on</source>
        <translation>검출기 실행</translation>
    </message>
    <message>
        <source>Fast</source>
        <translation>빠름</translation>
    </message>
    <message>
        <source>Balanced</source>
        <translation>균형</translation>
    </message>
    <message>
        <source>Accurate</source>
        <translation>정확</translation>
    </message>
    <message>
        <source>Default: {name}</source>
        <translation>기본값: {name}</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>화면</translation>
    </message>
    <message>
        <source>No picture comes from {source}: waiting for it. Check its cable or the network.</source>
        <translation>{source}에서 화면이 오지 않아 기다리고 있습니다. 케이블이나 네트워크를 확인하세요.</translation>
    </message>
    <message>
        <source>weights missing</source>
        <translation>가중치 없음</translation>
    </message>
    <message>
        <source>pose network</source>
        <translation>자세 네트워크</translation>
    </message>
    <message>
        <source>person detector</source>
        <translation>사람 검출기</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>다시 시도</translation>
    </message>
    <message>
        <source>Choose a source</source>
        <translation>입력 선택</translation>
    </message>
    <message>
        <source>Downloading…</source>
        <translation>내려받는 중…</translation>
    </message>
    <message>
        <source>No camera was found, so this is the demo clip. Connect a camera and choose it under Source.</source>
        <translation>카메라를 찾지 못해 데모 영상을 보여 줍니다. 카메라를 연결하고 ‘입력’에서 선택하세요.</translation>
    </message>
    <message>
        <source>Loading {model}…</source>
        <translation>{model} 불러오는 중…</translation>
    </message>
    <message>
        <source> and </source>
        <translation>, </translation>
    </message>
    <message>
        <source>These weights are not on this machine yet: {names}. Download them?</source>
        <translation>이 가중치가 아직 이 컴퓨터에 없습니다: {names}. 내려받을까요?</translation>
    </message>
    <message>
        <source>Until then {model} and {detector} are used.</source>
        <translation>그때까지 {model} 및 {detector}을(를) 사용합니다.</translation>
    </message>
    <message>
        <source>Downloading {name}: {size}</source>
        <translation>{name} 내려받는 중: {size}</translation>
    </message>
    <message>
        <source>Saved {name} in {folder}</source>
        <translation>{folder}에 {name} 저장됨</translation>
    </message>
    <message>
        <source>Saved {name} in {folder}. From each change of model on, it goes on in other files there.</source>
        <translation>{folder}에 {name} 저장됨. 모델을 바꾼 뒤의 녹화는 같은 폴더의 다른 파일로 이어집니다.</translation>
    </message>
    <message>
        <source>Nothing was recorded, since no picture came meanwhile.</source>
        <translation>그동안 들어온 영상이 없어 녹화된 것이 없습니다.</translation>
    </message>
    <message>
        <source>The picture is on the clipboard.</source>
        <translation>화면을 클립보드에 복사했습니다.</translation>
    </message>
    <message>
        <source>camera {index}</source>
        <translation>카메라 {index}</translation>
    </message>
    <message>
        <source>Opening {source}…</source>
        <translation>{source} 여는 중…</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>내려받기</translation>
    </message>
    <message>
        <source>Not now</source>
        <translation>나중에</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>취소</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>폴더에서 보기</translation>
    </message>
    <message>
        <source>Reset to defaults</source>
        <translation>기본값으로 되돌리기</translation>
    </message>
    <message>
        <source>Give all settings their defaults again, addresses and folders, too?</source>
        <translation>주소와 폴더를 포함한 모든 설정을 기본값으로 되돌릴까요?</translation>
    </message>
    <message>
        <source>Keep them</source>
        <translation>그대로 두기</translation>
    </message>
    <message>
        <source>Reset</source>
        <translation>되돌리기</translation>
    </message>
    <message>
        <source>Pose network</source>
        <translation>자세 네트워크</translation>
    </message>
    <message>
        <source>Finding people</source>
        <translation>사람 찾기</translation>
    </message>
    <message>
        <source>Smoothing</source>
        <translation>떨림 보정</translation>
    </message>
    <message>
        <source>Drawing</source>
        <translation>그리기</translation>
    </message>
    <message>
        <source>Window and recording</source>
        <translation>창과 녹화</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>자동</translation>
    </message>
    <message>
        <source>No</source>
        <translation>아니요</translation>
    </message>
    <message>
        <source>JSON lines (.jsonl)</source>
        <translation>JSON 줄 (.jsonl)</translation>
    </message>
    <message>
        <source>Table (.csv)</source>
        <translation>표 (.csv)</translation>
    </message>
    <message>
        <source>Live</source>
        <translation>실시간</translation>
    </message>
    <message>
        <source>How fast, how late, on what</source>
        <translation>속도, 지연, 실행 장치</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>설정</translation>
    </message>
    <message>
        <source>All settings</source>
        <translation>모든 설정</translation>
    </message>
    <message>
        <source>Detect</source>
        <translation>검출</translation>
    </message>
    <message>
        <source>Crop</source>
        <translation>자르기</translation>
    </message>
    <message>
        <source>Infer</source>
        <translation>추론</translation>
    </message>
    <message>
        <source>Decode</source>
        <translation>해석</translation>
    </message>
    <message>
        <source>Track</source>
        <translation>추적</translation>
    </message>
    <message>
        <source>What is watched: a camera, a video, pictures or a stream</source>
        <translation>볼 대상: 카메라, 동영상, 사진 또는 스트림</translation>
    </message>
    <message>
        <source>Model size</source>
        <translation>모델 크기</translation>
    </message>
    <message>
        <source>More</source>
        <translation>더 보기</translation>
    </message>
    <message>
        <source>All models of the catalogue</source>
        <translation>목록의 모든 모델</translation>
    </message>
    <message>
        <source>to be downloaded</source>
        <translation>내려받아야 함</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>일시 정지</translation>
    </message>
    <message>
        <source>Position</source>
        <translation>위치</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>속도</translation>
    </message>
    <message>
        <source>Loop</source>
        <translation>반복</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>재생</translation>
    </message>
    <message>
        <source>Open video or picture</source>
        <translation>동영상 또는 사진 열기</translation>
    </message>
    <message>
        <source>Open folder of pictures</source>
        <translation>사진 폴더 열기</translation>
    </message>
    <message>
        <source>Open stream</source>
        <translation>스트림 열기</translation>
    </message>
    <message>
        <source>Address, such as rtsp://camera.local/stream</source>
        <translation>주소 (예: rtsp://camera.local/stream)</translation>
    </message>
    <message>
        <source>All files</source>
        <translation>모든 파일</translation>
    </message>
    <message>
        <source>Weight set, or fast, balanced, accurate</source>
        <translation>가중치 이름 또는 fast, balanced, accurate</translation>
    </message>
    <message>
        <source>What runs the network</source>
        <translation>네트워크를 실행하는 엔진</translation>
    </message>
    <message>
        <source>Where it runs</source>
        <translation>실행되는 장치</translation>
    </message>
    <message>
        <source>Keypoint threshold</source>
        <translation>관절 점수 하한</translation>
    </message>
    <message>
        <source>Keypoints scored lower are not drawn</source>
        <translation>점수가 더 낮은 관절은 그리지 않습니다</translation>
    </message>
    <message>
        <source>What finds people</source>
        <translation>사람을 찾는 검출기</translation>
    </message>
    <message>
        <source>Person threshold</source>
        <translation>사람 점수 하한</translation>
    </message>
    <message>
        <source>Boxes scored lower are ignored; unset: the detector's own</source>
        <translation>점수가 더 낮은 상자는 무시합니다. 설정하지 않으면 검출기의 값을 씁니다</translation>
    </message>
    <message>
        <source>Detect every N frames</source>
        <translation>N 프레임마다 검출</translation>
    </message>
    <message>
        <source>Between runs, boxes come from the last keypoints</source>
        <translation>그 사이에는 직전 관절에서 상자를 구합니다</translation>
    </message>
    <message>
        <source>Maximum persons</source>
        <translation>최대 인원</translation>
    </message>
    <message>
        <source>The best-scored are kept</source>
        <translation>점수가 높은 사람부터 남깁니다</translation>
    </message>
    <message>
        <source>Calm keypoints that tremble</source>
        <translation>떨리는 관절을 안정시킵니다</translation>
    </message>
    <message>
        <source>Cutoff at rest (Hz)</source>
        <translation>정지 시 차단 주파수 (Hz)</translation>
    </message>
    <message>
        <source>Lower is calmer and slower</source>
        <translation>낮을수록 안정되지만 느립니다</translation>
    </message>
    <message>
        <source>Response to speed</source>
        <translation>속도 반응</translation>
    </message>
    <message>
        <source>Higher follows fast motion more closely</source>
        <translation>높을수록 빠른 동작을 더 잘 따라갑니다</translation>
    </message>
    <message>
        <source>Limbs between the joints</source>
        <translation>관절을 잇는 선</translation>
    </message>
    <message>
        <source>A dot at every joint</source>
        <translation>관절마다 찍는 점</translation>
    </message>
    <message>
        <source>A frame around every person</source>
        <translation>사람마다 그리는 테두리</translation>
    </message>
    <message>
        <source>The lasting number of every person</source>
        <translation>사람마다 유지되는 번호</translation>
    </message>
    <message>
        <source>How sure the networks are of every person</source>
        <translation>사람마다 네트워크가 확신하는 정도</translation>
    </message>
    <message>
        <source>Skeletons stand out on a darker picture</source>
        <translation>어두운 화면에서 골격이 더 잘 보입니다</translation>
    </message>
    <message>
        <source>Line width</source>
        <translation>선 굵기</translation>
    </message>
    <message>
        <source>Factor on the usual width</source>
        <translation>기본 굵기에 대한 배율</translation>
    </message>
    <message>
        <source>On the screen only: what is recorded is not mirrored</source>
        <translation>화면에서만 반전하며 녹화는 반전하지 않습니다</translation>
    </message>
    <message>
        <source>Light, dark, or as the system is</source>
        <translation>밝게, 어둡게 또는 시스템 설정</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>언어</translation>
    </message>
    <message>
        <source>Of menus, labels and tool tips</source>
        <translation>메뉴와 글의 언어</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>폴더</translation>
    </message>
    <message>
        <source>Where recordings and snapshots go; unset: your videos folder</source>
        <translation>녹화와 스냅샷을 저장할 곳. 설정하지 않으면 내 동영상 폴더</translation>
    </message>
    <message>
        <source>Record video</source>
        <translation>동영상 녹화</translation>
    </message>
    <message>
        <source>The picture with skeletons, as H.264</source>
        <translation>골격을 그린 화면, H.264</translation>
    </message>
    <message>
        <source>Record keypoints</source>
        <translation>관절 기록</translation>
    </message>
    <message>
        <source>A file of joints beside the video</source>
        <translation>동영상과 함께 저장하는 관절 파일</translation>
    </message>
    <message>
        <source>Joint angles</source>
        <translation>관절 각도</translation>
    </message>
    <message>
        <source>Joint</source>
        <translation>관절</translation>
    </message>
    <message>
        <source>Person</source>
        <translation>사람</translation>
    </message>
    <message>
        <source>Elbows</source>
        <translation>팔꿈치</translation>
    </message>
    <message>
        <source>Shoulders</source>
        <translation>어깨</translation>
    </message>
    <message>
        <source>Hips</source>
        <translation>엉덩이</translation>
    </message>
    <message>
        <source>Knees</source>
        <translation>무릎</translation>
    </message>
    <message>
        <source>Largest person</source>
        <translation>가장 큰 사람</translation>
    </message>
    <message>
        <source>Left</source>
        <translation>왼쪽</translation>
    </message>
    <message>
        <source>Right</source>
        <translation>오른쪽</translation>
    </message>
    <message>
        <source>Person {number}</source>
        <translation>사람 {number}</translation>
    </message>
    <message>
        <source>Sending to other programs</source>
        <translation>다른 프로그램으로 보내기</translation>
    </message>
    <message>
        <source>OSC</source>
        <translation>OSC</translation>
    </message>
    <message>
        <source>WebSocket</source>
        <translation>WebSocket</translation>
    </message>
    <message>
        <source>Virtual camera</source>
        <translation>가상 카메라</translation>
    </message>
    <message>
        <source>stopped: {reason}</source>
        <translation>중단됨: {reason}</translation>
    </message>
    <message>
        <source>opening…</source>
        <translation>여는 중…</translation>
    </message>
    <message>
        <source>{address}, receivers: {count}</source>
        <translation>{address}, 수신 {count}</translation>
    </message>
    <message>
        <source>Degrees at elbows, shoulders, hips and knees</source>
        <translation>팔꿈치, 어깨, 엉덩이, 무릎의 각도</translation>
    </message>
    <message>
        <source>Joints as OSC bundles over UDP</source>
        <translation>관절을 OSC 번들로 UDP 전송</translation>
    </message>
    <message>
        <source>OSC receiver</source>
        <translation>OSC 수신 주소</translation>
    </message>
    <message>
        <source>HOST:PORT of the program that listens</source>
        <translation>받는 프로그램의 주소 HOST:PORT</translation>
    </message>
    <message>
        <source>Joints as JSON for whoever connects</source>
        <translation>접속한 프로그램에 관절을 JSON으로 전송</translation>
    </message>
    <message>
        <source>WebSocket address</source>
        <translation>WebSocket 주소</translation>
    </message>
    <message>
        <source>HOST:PORT; 127.0.0.1 serves this machine alone</source>
        <translation>HOST:PORT. 127.0.0.1은 이 컴퓨터에서만 접속할 수 있습니다</translation>
    </message>
    <message>
        <source>The picture with skeletons, for meetings and OBS</source>
        <translation>골격을 그린 화면을 회의 프로그램과 OBS로</translation>
    </message>
    <message>
        <source>Record joint angles</source>
        <translation>관절 각도 기록</translation>
    </message>
    <message>
        <source>A table of degrees beside the video</source>
        <translation>동영상과 함께 저장하는 각도 표</translation>
    </message>
    <message>
        <source>Videos and pictures</source>
        <translation>동영상과 사진</translation>
    </message>
    <message>
        <source>Process files…</source>
        <translation>파일 처리…</translation>
    </message>
    <message>
        <source>Process files</source>
        <translation>파일 처리</translation>
    </message>
    <message>
        <source>Every frame is searched, with the networks and settings of the window.</source>
        <translation>창의 네트워크와 설정으로 모든 프레임을 처리합니다.</translation>
    </message>
    <message>
        <source>Problems</source>
        <translation>문제</translation>
    </message>
    <message>
        <source>Files to process</source>
        <translation>처리할 파일</translation>
    </message>
    <message>
        <source>Picture with skeletons</source>
        <translation>골격을 그린 화면</translation>
    </message>
    <message>
        <source>Joints (.jsonl)</source>
        <translation>관절 (.jsonl)</translation>
    </message>
    <message>
        <source>Joint angles (.csv)</source>
        <translation>관절 각도 (.csv)</translation>
    </message>
    <message>
        <source>Add files…</source>
        <translation>파일 추가…</translation>
    </message>
    <message>
        <source>Clear list</source>
        <translation>목록 지우기</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>시작</translation>
    </message>
    <message>
        <source>Weights that were chosen are not on this machine: {model} and {detector} are used instead.</source>
        <translation>고른 가중치가 이 컴퓨터에 없어 {model} 및 {detector}을(를) 대신 사용합니다.</translation>
    </message>
    <message>
        <source>Results go to {folder}</source>
        <translation>결과 폴더: {folder}</translation>
    </message>
    <message>
        <source>{time} left</source>
        <translation>{time} 남음</translation>
    </message>
    <message>
        <source>{count} frames</source>
        <translation>{count}프레임</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>대기 중</translation>
    </message>
    <message>
        <source>{name}: {count} damaged frames were left out.</source>
        <translation>{name}: 손상된 프레임 {count}개를 제외했습니다.</translation>
    </message>
    <message>
        <source>done, {count} left out</source>
        <translation>완료, {count}개 제외</translation>
    </message>
    <message>
        <source>done</source>
        <translation>완료</translation>
    </message>
    <message>
        <source>cancelled</source>
        <translation>취소됨</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>실패</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>카메라</translation>
    </message>
    <message>
        <source>The camera's own</source>
        <translation>카메라 기본값</translation>
    </message>
    <message>
        <source>Resolution</source>
        <translation>해상도</translation>
    </message>
    <message>
        <source>Asked of the camera; it gives the nearest that it has</source>
        <translation>카메라에 요청하는 해상도. 가장 가까운 것을 줍니다</translation>
    </message>
    <message>
        <source>Frame rate</source>
        <translation>프레임 속도</translation>
    </message>
    <message>
        <source>Asked of the camera, in frames per second</source>
        <translation>카메라에 요청하는 초당 프레임 수</translation>
    </message>
    <message>
        <source>camera</source>
        <translation>카메라</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>파일(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Source</source>
        <translation>입력(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Playback</source>
        <translation>재생(&amp;P)</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>보기(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>도움말(&amp;H)</translation>
    </message>
    <message>
        <source>File</source>
        <translation>파일</translation>
    </message>
    <message>
        <source>Files are still being processed. Close all the same? What is finished so far is kept.</source>
        <translation>파일을 아직 처리하고 있습니다. 그래도 닫을까요? 지금까지 처리한 결과는 남습니다.</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>계속 처리</translation>
    </message>
    <message>
        <source>Recording</source>
        <translation>녹화 중</translation>
    </message>
    <message>
        <source>{count} skipped</source>
        <translation>{count}개 건너뜀</translation>
    </message>
    <message>
        <source>None</source>
        <translation>없음</translation>
    </message>
    <message>
        <source>Nose</source>
        <translation>코</translation>
    </message>
    <message>
        <source>Left eye</source>
        <translation>왼쪽 눈</translation>
    </message>
    <message>
        <source>Right eye</source>
        <translation>오른쪽 눈</translation>
    </message>
    <message>
        <source>Left ear</source>
        <translation>왼쪽 귀</translation>
    </message>
    <message>
        <source>Right ear</source>
        <translation>오른쪽 귀</translation>
    </message>
    <message>
        <source>Left shoulder</source>
        <translation>왼쪽 어깨</translation>
    </message>
    <message>
        <source>Right shoulder</source>
        <translation>오른쪽 어깨</translation>
    </message>
    <message>
        <source>Left elbow</source>
        <translation>왼쪽 팔꿈치</translation>
    </message>
    <message>
        <source>Right elbow</source>
        <translation>오른쪽 팔꿈치</translation>
    </message>
    <message>
        <source>Left wrist</source>
        <translation>왼쪽 손목</translation>
    </message>
    <message>
        <source>Right wrist</source>
        <translation>오른쪽 손목</translation>
    </message>
    <message>
        <source>Left hip</source>
        <translation>왼쪽 엉덩이</translation>
    </message>
    <message>
        <source>Right hip</source>
        <translation>오른쪽 엉덩이</translation>
    </message>
    <message>
        <source>Left knee</source>
        <translation>왼쪽 무릎</translation>
    </message>
    <message>
        <source>Right knee</source>
        <translation>오른쪽 무릎</translation>
    </message>
    <message>
        <source>Left ankle</source>
        <translation>왼쪽 발목</translation>
    </message>
    <message>
        <source>Right ankle</source>
        <translation>오른쪽 발목</translation>
    </message>
    <message>
        <source>Pelvis (MPII networks)</source>
        <translation>골반 (MPII 네트워크)</translation>
    </message>
    <message>
        <source>Thorax (MPII networks)</source>
        <translation>가슴 (MPII 네트워크)</translation>
    </message>
    <message>
        <source>Neck (MPII networks)</source>
        <translation>목 (MPII 네트워크)</translation>
    </message>
    <message>
        <source>Top of the head (MPII networks)</source>
        <translation>정수리 (MPII 네트워크)</translation>
    </message>
    <message>
        <source>Heatmap</source>
        <translation>히트맵</translation>
    </message>
    <message>
        <source>Where the network looks for one joint</source>
        <translation>네트워크가 한 관절을 어디에서 찾는지 보여 줍니다</translation>
    </message>
    <message>
        <source>Click: choose a person · double click: full screen · wheel: zoom · drag: move the zoomed picture · drop files to open them</source>
        <translation>클릭: 사람 선택 · 두 번 클릭: 전체 화면 · 휠: 확대/축소 · 끌기: 확대한 화면 이동 · 파일을 끌어다 놓으면 열립니다</translation>
    </message>
    <message>
        <source>Open result</source>
        <translation>결과 열기</translation>
    </message>
    <message>
        <source>{path} cannot be read: {reason}. Check its permissions, or choose something else under Source.</source>
        <translation>{path} 파일을 읽을 수 없습니다: {reason}. 권한을 확인하거나 ‘입력’에서 다른 것을 고르세요.</translation>
    </message>
    <message>
        <source>The picture {path} is damaged or of an unknown kind. Save it anew as JPEG or PNG.</source>
        <translation>손상되었거나 알 수 없는 형식의 사진입니다: {path}. JPEG나 PNG로 다시 저장하세요.</translation>
    </message>
    <message>
        <source>{source} does not answer: {reason}. Check the address and the network, then press Try again.</source>
        <translation>{source}에서 응답이 없습니다: {reason}. 주소와 네트워크를 확인하고 ‘다시 시도’를 누르세요.</translation>
    </message>
    <message>
        <source>Nothing is named as input. Choose a camera, a file or a stream under Source.</source>
        <translation>입력이 지정되지 않았습니다. ‘입력’에서 카메라, 파일 또는 스트림을 고르세요.</translation>
    </message>
    <message>
        <source>{path} does not exist. Choose another file under Source.</source>
        <translation>{path} 파일이 없습니다. ‘입력’에서 다른 파일을 고르세요.</translation>
    </message>
    <message>
        <source>{path} does not exist. If it is meant as an address, open it anew with rtsp:// or http:// before it; else choose another file under Source.</source>
        <translation>{path} 파일이 없습니다. 주소라면 앞에 rtsp://나 http://를 붙여 다시 열고, 아니면 ‘입력’에서 다른 파일을 고르세요.</translation>
    </message>
    <message>
        <source>{url} is no address: {reason}. Check how it is written, and open it anew under Source.</source>
        <translation>{url}: 주소가 아닙니다({reason}). 올바르게 썼는지 확인하고 ‘입력’에서 다시 여세요.</translation>
    </message>
    <message>
        <source>{path} is empty. Copy it again, or choose another file under Source.</source>
        <translation>{path} 파일이 비어 있습니다. 다시 복사하거나 ‘입력’에서 다른 파일을 고르세요.</translation>
    </message>
    <message>
        <source>{path} is neither a file nor a folder. Choose a video, a picture or a folder under Source.</source>
        <translation>{path}: 파일도 폴더도 아닙니다. ‘입력’에서 동영상, 사진 또는 폴더를 고르세요.</translation>
    </message>
    <message>
        <source>There are no pictures in {path}; folders inside it are not searched. Choose another folder under Source.</source>
        <translation>{path} 폴더에 사진이 없습니다. 하위 폴더는 찾지 않습니다. ‘입력’에서 다른 폴더를 고르세요.</translation>
    </message>
    <message>
        <source>None of the {count} pictures in {path} can be read. Save them anew as JPEG, or choose another folder.</source>
        <translation>{path} 폴더의 사진 {count}장을 하나도 읽을 수 없습니다. JPEG로 다시 저장하거나 다른 폴더를 고르세요.</translation>
    </message>
    <message>
        <source>{path} is text. Choose a video or a picture under Source.</source>
        <translation>{path} 파일은 텍스트입니다. ‘입력’에서 동영상이나 사진을 고르세요.</translation>
    </message>
    <message>
        <source>{path} is a HEIF picture, which cannot be read here. Save it as JPEG or PNG first.</source>
        <translation>{path}: HEIF 사진은 여기서 읽을 수 없습니다. 먼저 JPEG나 PNG로 저장하세요.</translation>
    </message>
    <message>
        <source>There is no video in {path}. Choose another file under Source.</source>
        <translation>{path} 파일에 영상이 없습니다. ‘입력’에서 다른 파일을 고르세요.</translation>
    </message>
    <message>
        <source>{path} is coded in a way that cannot be played here. Convert it to H.264.</source>
        <translation>{path}: 여기서 재생할 수 없는 방식으로 압축되었습니다. H.264로 변환하세요.</translation>
    </message>
    <message>
        <source>Nothing in {path} can be played: it is damaged or empty. Choose another file under Source.</source>
        <translation>{path} 파일은 손상되었거나 비어 있어 재생할 수 없습니다. ‘입력’에서 다른 파일을 고르세요.</translation>
    </message>
    <message>
        <source>{path} does not open: {reason}. Check that it is a video or a picture, complete and not encrypted.</source>
        <translation>{path} 파일이 열리지 않습니다: {reason}. 온전하고 암호화되지 않은 동영상이나 사진인지 확인하세요.</translation>
    </message>
    <message>
        <source>Reading {path} stopped: {reason}. Check the disk or the network, then press Try again.</source>
        <translation>{path} 읽기가 중단되었습니다: {reason}. 디스크나 네트워크를 확인하고 ‘다시 시도’를 누르세요.</translation>
    </message>
    <message>
        <source>{source} sends no video. Check the address.</source>
        <translation>{source}에서 영상이 오지 않습니다. 주소를 확인하세요.</translation>
    </message>
    <message>
        <source>Camera {index} does not open. Check that it is connected, that no other program uses it and that this one is allowed to, then press Try again.</source>
        <translation>카메라 {index}번이 열리지 않습니다. 연결되어 있는지, 다른 프로그램이 쓰고 있지 않은지, 이 프로그램에 권한이 있는지 확인하고 ‘다시 시도’를 누르세요.</translation>
    </message>
    <message>
        <source>No picture comes from {source}. Check that its sender is running, and the network, then press Try again.</source>
        <translation>{source}에서 영상이 오지 않습니다. 보내는 쪽이 켜져 있는지와 네트워크를 확인한 뒤 다시 시도를 누르세요.</translation>
    </message>
    <message>
        <source>No picture comes from {source}. Unplug it and plug it in again, or close other programs that use it, then press Try again.</source>
        <translation>{source}에서 화면이 오지 않습니다. 뺐다가 다시 꽂거나 카메라를 쓰는 다른 프로그램을 닫고 ‘다시 시도’를 누르세요.</translation>
    </message>
    <message>
        <source>{source} has sent nothing for {seconds} seconds. Check its cable or the network, then press Try again.</source>
        <translation>{source}에서 {seconds}초 동안 아무것도 오지 않았습니다. 케이블이나 네트워크를 확인하고 ‘다시 시도’를 누르세요.</translation>
    </message>
    <message>
        <source>The prepared network {path} cannot be used: {reason}. Delete that file and press Try again.</source>
        <translation>준비된 네트워크 {path} 파일을 쓸 수 없습니다: {reason}. 그 파일을 지우고 ‘다시 시도’를 누르세요.</translation>
    </message>
    <message>
        <source>No NVIDIA GPU, or no driver for it, was found. Update the driver, or choose Automatic or CPU as Device under Settings.</source>
        <translation>NVIDIA GPU나 그 드라이버를 찾지 못했습니다. 드라이버를 업데이트하거나 ‘설정’에서 ‘장치’를 ‘자동’이나 CPU로 바꾸세요.</translation>
    </message>
    <message>
        <source>The PyTorch on this machine cannot use an NVIDIA GPU. Install a build of it with CUDA (README.md tells how), or choose Automatic or CPU as Device under Settings.</source>
        <translation>이 컴퓨터의 PyTorch는 NVIDIA GPU를 쓸 수 없습니다. CUDA용 PyTorch를 설치하거나(방법은 README.md) ‘설정’에서 ‘장치’를 ‘자동’이나 CPU로 바꾸세요.</translation>
    </message>
    <message>
        <source>MPS needs a Mac with Apple silicon. Choose Automatic or CPU as Device under Settings.</source>
        <translation>MPS는 Apple 실리콘 Mac에서만 쓸 수 있습니다. ‘설정’에서 ‘장치’를 ‘자동’이나 CPU로 바꾸세요.</translation>
    </message>
    <message>
        <source>The engine onnxruntime cannot use the device {device} here. Choose Automatic as Engine, or CPU as Device, under Settings.</source>
        <translation>onnxruntime 엔진은 여기서 {device} 장치를 쓸 수 없습니다. ‘설정’에서 ‘엔진’을 ‘자동’으로 하거나 ‘장치’를 CPU로 바꾸세요.</translation>
    </message>
    <message>
        <source>The engine openvino runs on the CPU alone. Choose Automatic as Engine, or CPU as Device, under Settings.</source>
        <translation>openvino 엔진은 CPU에서만 동작합니다. ‘설정’에서 ‘엔진’을 ‘자동’으로 하거나 ‘장치’를 CPU로 바꾸세요.</translation>
    </message>
    <message>
        <source>The engine torch-fp16 needs a GPU. Choose Automatic as Engine under Settings.</source>
        <translation>torch-fp16 엔진에는 GPU가 필요합니다. ‘설정’에서 ‘엔진’을 ‘자동’으로 바꾸세요.</translation>
    </message>
    <message>
        <source>The engine {engine} needs bfloat16 arithmetic, which this {part} does not have. Choose Automatic as Engine under Settings.</source>
        <translation>{engine} 엔진에는 bfloat16 연산이 필요하지만 이 {part}에는 없습니다. ‘설정’에서 ‘엔진’을 ‘자동’으로 바꾸세요.</translation>
    </message>
    <message>
        <source>The prepared network {path} cannot be stored: {reason}. Make room on the disk, or choose torch as Engine under Settings.</source>
        <translation>준비된 네트워크를 {path}에 저장할 수 없습니다: {reason}. 디스크 공간을 늘리거나 ‘설정’에서 ‘엔진’을 torch로 바꾸세요.</translation>
    </message>
    <message>
        <source>The network of {name} cannot be prepared: {reason}. Update the packages onnx, onnxscript and onnxruntime, or choose torch as Engine under Settings.</source>
        <translation>{name}의 네트워크를 준비할 수 없습니다: {reason}. onnx, onnxscript, onnxruntime 패키지를 업데이트하거나 ‘설정’에서 ‘엔진’을 torch로 바꾸세요.</translation>
    </message>
    <message>
        <source>The network of {name} was prepared and gives other answers than it should. Update the packages onnx, onnxscript and onnxruntime, or choose torch as Engine under Settings.</source>
        <translation>준비된 {name} 네트워크의 결과가 올바르지 않습니다. onnx, onnxscript, onnxruntime 패키지를 업데이트하거나 ‘설정’에서 ‘엔진’을 torch로 바꾸세요.</translation>
    </message>
    <message>
        <source>To prepare the network the package {package} is needed, which is not installed or too old. Install it (pip install --upgrade onnx onnxscript), or choose torch as Engine under Settings.</source>
        <translation>네트워크를 준비하려면 {package} 패키지가 필요하지만 설치되어 있지 않거나 너무 오래되었습니다. 설치하거나(pip install --upgrade onnx onnxscript) ‘설정’에서 ‘엔진’을 torch로 바꾸세요.</translation>
    </message>
    <message>
        <source>The detector {name} needs the package {package}, which is missing or broken. Install the packages of requirements.txt, or choose another Detector under Settings.</source>
        <translation>{name} 검출기에 필요한 {package} 패키지가 없거나 망가졌습니다. requirements.txt의 패키지를 설치하거나 ‘설정’에서 다른 ‘검출기’를 고르세요.</translation>
    </message>
    <message>
        <source>The detector {name} cannot be loaded: {path} is damaged. Delete that file and press Try again to download it anew, or choose another Detector under Settings.</source>
        <translation>{name} 검출기를 불러올 수 없습니다: {path} 파일이 손상되었습니다. 그 파일을 지우고 ‘다시 시도’를 눌러 새로 내려받거나 ‘설정’에서 다른 ‘검출기’를 고르세요.</translation>
    </message>
    <message>
        <source>The download of {name} broke off. Press Try again: it goes on where it ended.</source>
        <translation>{name} 내려받기가 끊겼습니다. ‘다시 시도’를 누르면 이어서 받습니다.</translation>
    </message>
    <message>
        <source>{name} cannot be downloaded: the server answered {reason}. Try again later, or choose another model.</source>
        <translation>{name} 파일을 내려받을 수 없습니다. 서버 응답: {reason}. 나중에 다시 시도하거나 다른 모델을 고르세요.</translation>
    </message>
    <message>
        <source>There is no model named {name}. Choose another Model under Settings.</source>
        <translation>이름이 {name}인 모델이 없습니다. ‘설정’에서 다른 ‘모델’을 고르세요.</translation>
    </message>
    <message>
        <source>There is no engine named {name}. Choose Automatic as Engine under Settings.</source>
        <translation>이름이 {name}인 엔진이 없습니다. ‘설정’에서 ‘엔진’을 ‘자동’으로 바꾸세요.</translation>
    </message>
    <message>
        <source>There is no detector named {name}. Choose another Detector under Settings.</source>
        <translation>이름이 {name}인 검출기가 없습니다. ‘설정’에서 다른 ‘검출기’를 고르세요.</translation>
    </message>
    <message>
        <source>The weights {path} are damaged. Delete that file and press Try again to download it anew.</source>
        <translation>가중치 파일 {path}이(가) 손상되었습니다. 그 파일을 지우고 ‘다시 시도’를 누르면 새로 내려받습니다.</translation>
    </message>
    <message>
        <source>The weights {path}, which you imported, are damaged. Import them again, or choose another Model under Settings.</source>
        <translation>가져온 가중치 파일 {path}이(가) 손상되었습니다. 다시 가져오거나 ‘설정’에서 다른 ‘모델’을 고르세요.</translation>
    </message>
    <message>
        <source>The weights {names} are not on this machine. Choose that model in the window first: their download is then offered.</source>
        <translation>{names} 가중치가 이 컴퓨터에 없습니다. 먼저 창에서 그 모델을 고르면 내려받을 수 있습니다.</translation>
    </message>
    <message>
        <source>{name} cannot be downloaded: there is no network, or {host} is out of reach. Check the connection and press Try again.</source>
        <translation>{name} 파일을 내려받을 수 없습니다: 네트워크가 없거나 {host}에 연결할 수 없습니다. 연결을 확인하고 ‘다시 시도’를 누르세요.</translation>
    </message>
    <message>
        <source>{name} cannot be downloaded: the certificate of {host} is not trusted, as where a network puts its own in between. Name that one in the environment variable REQUESTS_CA_BUNDLE and start again.</source>
        <translation>{name} 파일을 내려받을 수 없습니다: {host}의 인증서를 신뢰할 수 없습니다. 네트워크가 자체 인증서를 쓰는 경우일 수 있습니다. 그 인증서를 환경 변수 REQUESTS_CA_BUNDLE에 지정하고 다시 시작하세요.</translation>
    </message>
    <message>
        <source>{name} cannot be downloaded: the file that the environment variable REQUESTS_CA_BUNDLE names holds no certificate. Correct or unset it and start again.</source>
        <translation>{name}을(를) 내려받을 수 없습니다: 환경 변수 REQUESTS_CA_BUNDLE이 가리키는 파일에 인증서가 없습니다. 값을 고치거나 지운 뒤 다시 시작하세요.</translation>
    </message>
    <message>
        <source>{name} cannot be downloaded: the proxy on the way to {host} fails. Correct or remove the environment variables HTTPS_PROXY and HTTP_PROXY and start again.</source>
        <translation>{name} 파일을 내려받을 수 없습니다: {host}(으)로 가는 프록시에 문제가 있습니다. 환경 변수 HTTPS_PROXY와 HTTP_PROXY를 고치거나 지우고 다시 시작하세요.</translation>
    </message>
    <message>
        <source>{name} cannot be downloaded: {host} does not answer. Press Try again in a while.</source>
        <translation>{name} 파일을 내려받을 수 없습니다: {host}에서 응답이 없습니다. 잠시 뒤에 ‘다시 시도’를 누르세요.</translation>
    </message>
    <message>
        <source>What came as {name} is not the right file, and it was removed. Press Try again.</source>
        <translation>{name}(으)로 받은 파일이 올바르지 않아 지웠습니다. ‘다시 시도’를 누르세요.</translation>
    </message>
    <message>
        <source>Nobody publishes {name} any more. If you have the file, import it with: {command}</source>
        <translation>{name} 파일을 받을 주소가 없습니다. 파일이 있으면 다음 명령으로 가져오세요: {command}</translation>
    </message>
    <message>
        <source>The environment variable {variable} names {path}, which is no folder. Correct or remove it and start again.</source>
        <translation>환경 변수 {variable}의 값 {path}은(는) 폴더가 아닙니다. 고치거나 지우고 다시 시작하세요.</translation>
    </message>
    <message>
        <source>The environment variable {variable} names {path}, and there is no such home. Correct or remove it and start again.</source>
        <translation>환경 변수 {variable}의 값 {path}에 해당하는 홈 폴더가 없습니다. 고치거나 지우고 다시 시작하세요.</translation>
    </message>
    <message>
        <source>{path} cannot be written: {reason}. Make room on the disk or permit it, then press Try again.</source>
        <translation>{path}에 쓸 수 없습니다: {reason}. 디스크 공간이나 권한을 확인하고 ‘다시 시도’를 누르세요.</translation>
    </message>
    <message>
        <source>{path} cannot be written: {reason}. Choose another Folder under Settings, or make room on the disk.</source>
        <translation>{path}에 쓸 수 없습니다: {reason}. ‘설정’에서 다른 ‘폴더’를 고르거나 디스크 공간을 늘리세요.</translation>
    </message>
    <message>
        <source>Pictures of {size} pixels are too large for a video. Choose a smaller Resolution under Settings.</source>
        <translation>{size} 픽셀 화면은 동영상으로 만들 수 없습니다. ‘설정’에서 더 작은 ‘해상도’를 고르세요.</translation>
    </message>
    <message>
        <source>OSC cannot be sent to {address}: {reason}. Correct OSC receiver under Settings.</source>
        <translation>{address}(으)로 OSC를 보낼 수 없습니다: {reason}. ‘설정’에서 ‘OSC 수신 주소’를 고치세요.</translation>
    </message>
    <message>
        <source>{address} cannot be used for WebSocket: {reason}. Give another port as WebSocket address under Settings.</source>
        <translation>{address} 주소로 WebSocket을 열 수 없습니다: {reason}. ‘설정’의 ‘WebSocket 주소’에서 다른 포트를 쓰세요.</translation>
    </message>
    <message>
        <source>A virtual camera needs the package pyvirtualcam, which is not installed. Install it (pip install pyvirtualcam), start again and switch Virtual camera on.</source>
        <translation>가상 카메라에 필요한 pyvirtualcam 패키지가 없습니다. 설치한 뒤(pip install pyvirtualcam) 다시 시작하여 ‘가상 카메라’를 켜세요.</translation>
    </message>
    <message>
        <source>There is nothing to record: Record video, Record keypoints and Record joint angles are all off. Switch one of them on under Settings.</source>
        <translation>녹화할 것이 없습니다. ‘동영상 녹화’, ‘관절 기록’, ‘관절 각도 기록’이 모두 꺼져 있습니다. ‘설정’에서 하나를 켜세요.</translation>
    </message>
    <message>
        <source>There is no virtual camera that takes {size} pixels. To get one: {advice}. Then switch Virtual camera off and on again.</source>
        <translation>{size} 픽셀을 받는 가상 카메라가 없습니다. 준비 방법: {advice}. 그런 다음 ‘가상 카메라’를 껐다가 다시 켜세요.</translation>
    </message>
    <message>
        <source>The virtual camera {name} is gone. Switch Virtual camera off and on again under Settings.</source>
        <translation>가상 카메라 {name}이(가) 사라졌습니다. ‘설정’에서 ‘가상 카메라’를 껐다가 다시 켜세요.</translation>
    </message>
    <message>
        <source>{text} is no address. Write HOST:PORT, such as {example}.</source>
        <translation>{text}: 주소가 아닙니다. {example}처럼 호스트:포트로 쓰세요.</translation>
    </message>
    <message>
        <source>{text} has no port from 1 to 65535. Write HOST:PORT, such as {example}.</source>
        <translation>{text}: 1부터 65535 사이의 포트가 없습니다. {example}처럼 호스트:포트로 쓰세요.</translation>
    </message>
    <message>
        <source>The settings in {path} cannot be read: {reason}. The defaults are used meanwhile; the next change replaces the file, and what it holds is kept beside it as settings.bad.yaml.</source>
        <translation>{path}의 설정을 읽을 수 없습니다: {reason}. 지금은 기본값을 쓰며, 설정을 바꾸면 이 파일이 새로 쓰이고 지금 내용은 같은 폴더에 settings.bad.yaml로 남습니다.</translation>
    </message>
    <message>
        <source>The setting {key} in {path} is not valid: {reason}. The defaults are used meanwhile; the next change replaces the file, and what it holds is kept beside it as settings.bad.yaml.</source>
        <translation>{path}의 {key} 설정이 올바르지 않습니다: {reason}. 지금은 기본값을 쓰며, 설정을 바꾸면 이 파일이 새로 쓰이고 지금 내용은 같은 폴더에 settings.bad.yaml로 남습니다.</translation>
    </message>
    <message>
        <source>Your settings cannot be kept: {path} cannot be written ({reason}). Check the folder's permissions.</source>
        <translation>설정을 저장할 수 없습니다: {path}에 쓸 수 없습니다 ({reason}). 폴더의 권한을 확인하세요.</translation>
    </message>
    <message>
        <source>An unexpected error occurred: {reason}</source>
        <translation>예상하지 못한 오류가 발생했습니다: {reason}</translation>
    </message>
    <message>
        <source>{source} sends a black picture. Open its cover, or let other programs that use it go.</source>
        <translation>{source}의 화면이 검습니다. 렌즈 덮개를 열거나 카메라를 쓰는 다른 프로그램을 닫으세요.</translation>
    </message>
    <message>
        <source>{got} (asked for: {asked})</source>
        <translation>{got} (요청: {asked})</translation>
    </message>
    <message>
        <source>{better} is on this machine, as fast as {model} and more accurate.</source>
        <translation>{better} 모델이 이 컴퓨터에 있습니다. {model}만큼 빠르고 더 정확합니다.</translation>
    </message>
    <message>
        <source>For now the same as {size}</source>
        <translation>지금은 ‘{size}’과(와) 같습니다</translation>
    </message>
    <message>
        <source>Use {better}</source>
        <translation>{better} 사용</translation>
    </message>
    <message>
        <source>As fast and more accurate: {better}</source>
        <translation>같은 속도로 더 정확: {better}</translation>
    </message>
    <message>
        <source>Version {version}</source>
        <translation>버전 {version}</translation>
    </message>
</context>
</TS>
